/** Saves a picture as a file. `address`: a data or blob URL. */
function saveAddress(address: string, file: string): void {
  Object.assign(document.createElement('a'), { href: address, download: file }).click();
}

/** A file name from the description of a chart. */
export const pictureName = (label: string): string =>
  label
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'chart';

export function savePng(address: string, label: string): void {
  saveAddress(address, `${pictureName(label)}.png`);
}

export function saveSvg(svg: string, label: string): void {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  saveAddress(address, `${pictureName(label)}.svg`);
  URL.revokeObjectURL(address);
}
