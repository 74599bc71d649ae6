//go:build torture

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/proofkey/proofkey/app"
)

// torture, where TORTURE_INPUT is set, obeys the lines of standard input, and answers each with one: "clock 1h" moves the clock, "disk 65536" lets no
// file grow beyond that, as a full disk does. At the end of the input the driver is gone, and so is this process.
func torture(o *app.Options) {
	if os.Getenv("TORTURE_INPUT") == "" {
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // so that a write fails instead of ending the process
	var offset atomic.Int64
	o.Now = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			what, value, _ := strings.Cut(lines.Text(), " ")
			var err error
			switch what {
			case "clock":
				var d time.Duration
				if d, err = time.ParseDuration(value); err == nil {
					offset.Store(int64(d))
				}
			case "disk":
				err = limitFiles(value)
			default:
				err = fmt.Errorf("unknown command %q", what)
			}
			fmt.Println("torture:", err)
		}
		os.Exit(1)
	}()
}

func limitFiles(size string) error {
	bytes, err := strconv.ParseUint(size, 10, 63)
	if err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = min(bytes, limit.Max)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}
