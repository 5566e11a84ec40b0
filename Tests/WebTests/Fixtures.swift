// Part of slack-im
// SPDX-License-Identifier: Apache-2.0
