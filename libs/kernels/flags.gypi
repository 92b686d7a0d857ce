{
  "variables": {
    "kernel_flags": ["-std=c++17", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-fvisibility=hidden", "-Wno-psabi"],
    "avx2_flags": ["-mavx2", "-mfma"],
    "avx512_flags": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mfma", "-mprefer-vector-width=512"],
    "avx512_vnni_flags": ["-mavx512vnni"],
    "avx512_bfloat16_flags": ["-mavx512bf16"],
    "neon_bfloat16_flags": ["-march=armv8.2-a+bf16"]
  }
}
