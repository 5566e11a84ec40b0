// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

// Sends pre-signed Slack deliveries over keep-alive connections and tells how fast they were acknowledged.
//
//	load send -address 127.0.0.1:4101 -kind command -seconds 3
//	load fake -address 127.0.0.1:4102
//	load office -address 127.0.0.1:4119 -people 10000 -delay 5ms
//	load joins -address 127.0.0.1:4118 -office 127.0.0.1:4119
//
// Everything that a request needs is made and signed before the clock starts, so that the sender costs less than
// whatever it measures; its own share of a core is part of what it prints.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail("load send|fake|office|joins")
	}
	switch os.Args[1] {
	case "send":
		send(os.Args[2:])
	case "fake":
		fake(os.Args[2:])
	case "office":
		serveOffice(os.Args[2:])
	case "joins":
		joins(os.Args[2:])
	default:
		fail("load send|fake|office|joins")
	}
}

func fail(text string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, text+"\n", values...)
	os.Exit(2)
}
