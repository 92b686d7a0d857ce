interface Feature {
  _type?: unknown;
  names?: unknown;
  /** That of the items of a list. */
  feature?: Feature;
}

/** What the library `datasets` writes beside the columns of a file: their features. */
interface Features {
  [column: string]: Feature | undefined;
}

/** The features in the metadata of a file, under the key `huggingface`; none for other files. */
export function hugging(metadata: Iterable<{ key: string; value?: string | undefined }>): Features {
  const text = [...metadata].find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined) return {};
  try {
    const { info } = JSON.parse(text) as { info?: { features?: Features } };
    return info?.features ?? {};
  } catch {
    return {};
  }
}

/** The names of the classes (`ClassLabel`) of a column or of the lists in it, in the order of their numbers. */
export function classesOf(features: Features, column: string): readonly string[] | undefined {
  const { _type: type, names } = features[column]?.feature ?? features[column] ?? {};
  return type === 'ClassLabel' && Array.isArray(names) ? (names as string[]) : undefined;
}

/** Numbers of classes as their names; −1, which stands for no class, as a missing value. */
export const namesOfClasses =
  (features: Features) =>
  <Values extends ArrayLike<unknown>>(column: string, values: Values): Values | unknown[] => {
    const names = classesOf(features, column);
    if (!names) return values;
    const named = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(named);
      return value === null || value === undefined ? null : (names[Number(value)] ?? null);
    };
    return Array.from(values, named);
  };
