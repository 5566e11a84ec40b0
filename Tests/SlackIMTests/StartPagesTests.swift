// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SlackIM

@Suite("Pages that only the start needed")
struct StartPagesTests {
    @Test func onlyCodeOfFilesIsGivenBack() {
        let map = """
            55d0000-55d4000 r--p 00000000 fe:00 1 /usr/bin/slack-im
            55d4000-55e0000 r-xp 00004000 fe:00 1                          /usr/bin/slack-im
            55e0000-55f0000 rw-p 00010000 fe:00 1 /usr/bin/slack-im
            55f0000-5600000 rw-p 00000000 00:00 0 [heap]
            7f00000-7f10000 r-xs 00000000 fe:00 2 /shared by others
            7f10000-7f20000 r-xp 00000000 fe:00 3 /a name with spaces
            7f20000-7f30000 rwxp 00000000 fe:00 4 /written/to
            7ffe000-7fff000 r-xp 00000000 00:00 0 [vdso]
            ffff000-fffe000 r-xp 00000000 fe:00 5 /backwards
            nonsense r-xp 00000000 fe:00 5 /nonsense

            """
        #expect(StartPages.code(in: map) == [0x55d4000..<0x55e0000, 0x7f10000..<0x7f20000])
        #expect(StartPages.code(in: "").isEmpty)
    }

    @Test func theProgramGoesOnWithoutThem() {
        StartPages.giveBack()
        #expect([3, 1, 2].sorted().map { "\($0)" }.joined(separator: ",") == "1,2,3")
    }
}
