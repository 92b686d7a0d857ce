#!/bin/sh
# Checks the engine webgpu on this machine's GPU and measures it, beside PyTorch with cuDNN where that is there. Needs a driver of Vulkan, xz or python3, and
# nothing else. ./run.sh [verify|lanes|peer] [options of the bench]; without a word, all three.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
what=${1:-all}
[ $# -gt 0 ] && shift

unpacked() {
  [ -e "$1" ] && return
  if command -v xz >/dev/null; then xz -dk "$1.xz"
  else python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1] + ".xz"), open(sys.argv[1], "wb"))' "$1"
  fi
  chmod +x "$1"
}
unpacked "$here/node"
unpacked "$here/node_modules/webgpu/dist/linux-x64/dawn.node"

# A container may have NVIDIA's driver and not the file that names it.
if [ -z "${VK_DRIVER_FILES:-}" ] && ! ls /etc/vulkan/icd.d/*.json /usr/share/vulkan/icd.d/*.json >/dev/null 2>&1; then
  for name in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
    ldconfig -p | grep -q "$name" || continue
    printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}' "$name" >"$here/nvidia_icd.json"
    export VK_DRIVER_FILES="$here/nvidia_icd.json"
    break
  done
fi
# The machine's own loader goes first.
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
node() { "$here/node" "$here/bundle.cjs" "$@"; }

case $what in
  verify) node verify "$here/reference" ;;
  lanes) node lanes "$@" ;;
  peer) python3 "$here/pytorch_gpu.py" "$@" ;;
  all)
    command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv
    node verify "$here/reference"
    node lanes
    python3 "$here/pytorch_gpu.py" || echo "no peer: there is no python3 with PyTorch and CUDA"
    node lanes --only scaling --lanes 1,8,64 --size 32,64,256
    node lanes --only scaling --lanes 1,8 --size 32,64,512
    ;;
  *) echo "run.sh [verify|lanes|peer]" >&2; exit 2 ;;
esac
