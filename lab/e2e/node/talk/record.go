//go:build linux

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

const recordSize = 4096

// synced is what a file holds for certain: so many records, with this sum of all their bytes, since At.
type synced struct {
	Records int    `json:"records"`
	Sum     string `json:"sum"`
	At      int64  `json:"at,omitempty"`
	// Torn are the bytes after the last whole record.
	Torn int `json:"torn,omitempty"`
}

func (s synced) tell() {
	line, err := json.Marshal(s)
	fail(err)
	fmt.Println(string(line))
}

// record appends records to the file without end, and after each one that is on the disk prints what the file contains.
func record(name string) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	fail(err)
	sum := sha256.New()
	for number := 0; ; number++ {
		_, err := io.MultiWriter(file, sum).Write(recordOf(number))
		fail(err)
		fail(file.Sync())
		synced{Records: number + 1, Sum: hex.EncodeToString(sum.Sum(nil)), At: time.Now().UnixNano()}.tell()
		// So slow that its log is not rotated.
		time.Sleep(5 * time.Millisecond)
	}
}

// recordOf is known by its number alone: no two are alike, and no part of one is zero.
func recordOf(number int) []byte {
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], uint64(number))
	content := make([]byte, recordSize)
	_, _ = rand.NewChaCha8(seed).Read(content)
	return content
}

// verify says how many records the file begins with, and their sum.
func verify(name string) {
	content, err := os.ReadFile(name)
	fail(err)
	number := 0
	for rest := content; len(rest) >= recordSize && bytes.Equal(rest[:recordSize], recordOf(number)); rest = rest[recordSize:] {
		number++
	}
	sum := sha256.Sum256(content[:number*recordSize])
	synced{Records: number, Sum: hex.EncodeToString(sum[:]), Torn: len(content) - number*recordSize}.tell()
}
