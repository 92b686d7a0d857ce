{
  'variables': {
    'openssl_fips': '',
    'kernel_flags': ['-std=c++17', '-O3', '-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast', '-fvisibility=hidden', '-Wno-psabi'],
  },
  'target_defaults': {
    'configurations': { 'Release': {} },
    'cflags!': ['-O2'],
    'cflags_cc!': ['-fno-exceptions', '-std=gnu++17', '-std=gnu++20'],
    'xcode_settings': { 'GCC_ENABLE_CPP_EXCEPTIONS': 'YES', 'CLANG_CXX_LANGUAGE_STANDARD': 'c++17', 'GCC_OPTIMIZATION_LEVEL': '3', 'MACOSX_DEPLOYMENT_TARGET': '11.0' },
  },
  'targets': [
    {
      'target_name': 'unroll_kernels',
      'sources': ['native/addon.cc'],
      'include_dirs': ["<!@(node -p \"require('node-addon-api').include\")"],
      'defines': ['NAPI_VERSION=8', 'NAPI_CPP_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED'],
      'cflags_cc': ['-std=c++17', '-fexceptions', '-fvisibility=hidden'],
      'dependencies': ['portable'],
      'conditions': [
        ['target_arch=="x64"', { 'dependencies': ['avx2', 'avx512'] }],
        ['target_arch=="arm64"', { 'dependencies': ['neon'] }],
      ],
    },
    {
      'target_name': 'portable',
      'type': 'static_library',
      'sources': ['native/portable.cc'],
      'cflags_cc': ['<@(kernel_flags)'],
    },
  ],
  'conditions': [
    ['target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'avx2',
          'type': 'static_library',
          'sources': ['native/avx2.cc'],
          'cflags_cc': ['<@(kernel_flags)', '-mavx2', '-mfma'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['-mavx2', '-mfma'] },
        },
        {
          'target_name': 'avx512',
          'type': 'static_library',
          'sources': ['native/avx512.cc'],
          'cflags_cc': ['<@(kernel_flags)', '-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma', '-mprefer-vector-width=512'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma'] },
        },
      ],
    }],
    ['target_arch=="arm64"', {
      'targets': [
        {
          'target_name': 'neon',
          'type': 'static_library',
          'sources': ['native/neon.cc'],
          'cflags_cc': ['<@(kernel_flags)'],
        },
      ],
    }],
  ],
}
