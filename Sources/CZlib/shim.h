// Part of slack-im
// SPDX-License-Identifier: Apache-2.0
//
// zlib as Swift sees it. `inflateInit2` is a macro, which Swift does not import.

#ifndef SLACK_IM_CZLIB_SHIM_H
#define SLACK_IM_CZLIB_SHIM_H

#include <zlib.h>

/// `inflateInit2` with the version and size that this header was compiled with.
static inline int slackim_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
