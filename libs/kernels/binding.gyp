# The addon is api/ and the static library `kernels`, which knows nothing of Node. flags.gypi is JSON: toolchain.mjs reads it too.
{
  'includes': ['flags.gypi'],
  'variables': { 'openssl_fips': '' },
  'target_defaults': {
    'configurations': { 'Release': {} },
    'cflags!': ['-O2'],
    'cflags_cc!': ['-fno-exceptions', '-std=gnu++17', '-std=gnu++20'],
    'xcode_settings': {
      'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
    },
  },
  'targets': [
    {
      'target_name': 'unroll_kernels',
      'sources': [
        'native/api/arguments.cc',
        'native/api/layers.cc',
        'native/api/module.cc',
        'native/api/packed.cc',
        'native/api/products.cc',
        'native/api/recurrent.cc',
        'native/api/scan.cc',
        'native/api/training.cc',
      ],
      'include_dirs': ["<!@(node -p \"require('node-addon-api').include\")"],
      'defines': ['NAPI_VERSION=8', 'NAPI_CPP_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED'],
      'cflags_cc': ['-std=c++17', '-fexceptions', '-fvisibility=hidden'],
      'dependencies': ['kernels'],
    },
    {
      'target_name': 'kernels',
      'type': 'static_library',
      'sources': [
        'native/isa/portable.cc',
        'native/isa/portable-bfloat16.cc',
        'native/runtime/instruction-sets.cc',
        'native/runtime/memory.cc',
        'native/runtime/placement.cc',
        'native/runtime/threads.cc',
        'native/runtime/workspace.cc',
      ],
      'cflags_cc': ['<@(kernel_flags)', '-fexceptions'],
      'conditions': [
        ['target_arch=="x64"', { 'dependencies': ['avx2', 'avx512', 'avx512_vnni', 'avx512_bfloat16', 'amx_bfloat16'] }],
        ['target_arch=="arm64"', { 'sources': ['native/isa/neon.cc'], 'dependencies': ['neon_bfloat16'] }],
      ],
    },
  ],
  'conditions': [
    ['target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'avx2',
          'type': 'static_library',
          'sources': ['native/isa/avx2.cc'],
          'cflags_cc': ['<@(kernel_flags)', '<@(avx2_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx2_flags)'] },
        },
        {
          'target_name': 'avx512',
          'type': 'static_library',
          'sources': ['native/isa/avx512.cc'],
          'cflags_cc': ['<@(kernel_flags)', '<@(avx512_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx512_flags)'] },
        },
        {
          'target_name': 'avx512_vnni',
          'type': 'static_library',
          'sources': ['native/isa/avx512-vnni.cc'],
          'cflags_cc': ['<@(kernel_flags)', '<@(avx512_flags)', '<@(avx512_vnni_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx512_flags)', '<@(avx512_vnni_flags)'] },
        },
        {
          'target_name': 'avx512_bfloat16',
          'type': 'static_library',
          'sources': ['native/isa/avx512-bfloat16.cc'],
          'cflags_cc': ['<@(kernel_flags)', '<@(avx512_flags)', '<@(avx512_bfloat16_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx512_flags)', '<@(avx512_bfloat16_flags)'] },
        },
        {
          'target_name': 'amx_bfloat16',
          'type': 'static_library',
          'sources': ['native/isa/amx-bfloat16.cc'],
          'cflags_cc': ['<@(kernel_flags)', '<@(avx512_flags)', '<@(avx512_bfloat16_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx512_flags)', '<@(avx512_bfloat16_flags)'] },
        },
      ],
    }],
    ['target_arch=="arm64"', {
      'targets': [
        {
          'target_name': 'neon_bfloat16',
          'type': 'static_library',
          'sources': ['native/isa/neon-bfloat16.cc'],
          'cflags_cc': ['<@(kernel_flags)', '<@(neon_bfloat16_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(neon_bfloat16_flags)'] },
        },
      ],
    }],
  ],
}
