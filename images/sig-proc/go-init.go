// An init program in Go that only sleeps. It sets no handler, but the Go runtime does, before
// main starts.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Printf("go-init: ready (pid %d)\n", os.Getpid())
	for {
		time.Sleep(100 * time.Second)
	}
}
