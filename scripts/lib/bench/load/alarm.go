// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// One of the kernel's timers. It wakes on time, where Go's own wait in whole milliseconds when nothing else is to do.
type alarm struct {
	descriptor uintptr
	file       *os.File
}

func newAlarm() *alarm {
	const monotonic = 1
	descriptor, _, failure := syscall.Syscall(
		syscall.SYS_TIMERFD_CREATE, monotonic, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if failure != 0 {
		fail("there is no timer: %v", failure)
	}
	return &alarm{descriptor, os.NewFile(descriptor, "alarm")}
}

func (a *alarm) close() { _ = a.file.Close() }

func (a *alarm) sleep(delay time.Duration) {
	if delay <= 0 {
		return
	}
	setting := struct{ interval, value syscall.Timespec }{value: syscall.NsecToTimespec(int64(delay))}
	_, _, failure := syscall.Syscall6(
		syscall.SYS_TIMERFD_SETTIME, a.descriptor, 0, uintptr(unsafe.Pointer(&setting)), 0, 0, 0)
	if failure != 0 {
		fail("the timer cannot be set: %v", failure)
	}
	var times [8]byte
	if _, err := a.file.Read(times[:]); err != nil {
		fail("the timer does not end: %v", err)
	}
}
