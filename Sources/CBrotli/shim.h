// Part of slack-im
// SPDX-License-Identifier: Apache-2.0
//
// The decoding half of brotli as Swift sees it.

#ifndef SLACK_IM_CBROTLI_SHIM_H
#define SLACK_IM_CBROTLI_SHIM_H

#include <brotli/decode.h>

#endif
