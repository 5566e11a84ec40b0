// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import SlackIM

await SlackIMCommand.start()
