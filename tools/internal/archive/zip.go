package archive

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"slices"
)

// The format is that of PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.
const (
	zipLocal      = "PK\x03\x04"
	zipCentral    = "PK\x01\x02"
	zipEnd        = "PK\x05\x06"
	zipEnd64      = "PK\x06\x06"
	zipLocator64  = "PK\x06\x07"
	zipDescriptor = "PK\x07\x08"

	zipLocalSize, zipCentralSize, zipEndSize, zipEnd64Size, zipLocatorSize = 30, 46, 22, 56, 20

	// maxDirectory limits the central directory in bytes: it is read into memory.
	maxDirectory = 32 << 20
	maxComment   = 1<<16 - 1

	zipEncrypted, zipStreamed, zipUTF8 = 1 << 0, 1 << 3, 1 << 11
	zipStored, zipDeflated             = 0, 8
	// zipUnix and zipDarwin are creators whose external attributes have a mode.
	zipUnix, zipDarwin = 3, 19
	// extra64 and extraPath are fields that have sizes of 64 bits, and another path.
	extra64, extraPath = 0x0001, 0x7075

	typeMask, typeFile, typeLink = 0o170000, 0o100000, 0o120000
)

var (
	le      = binary.LittleEndian
	errZip  = errors.New("this is no zip file")
	errSize = errors.New("the content has not the size that is declared")
)

// zipEntry is what the central directory says of an entry.
type zipEntry struct {
	name             string
	flags, method    uint16
	crc, mode        uint32
	compressed, size uint64
	offset           int64
}

// zip reads a zip file by its central directory, and compares it with all else that describes the same entries.
func (a *inner) zip(file io.ReaderAt, size int64) error {
	z := &zipReader{a, file, size}
	directory, start, base, err := z.directory()
	if err == errLimit {
		return err
	}
	if err != nil {
		return a.lacks(Unreadable)
	}
	var entries []zipEntry
	for len(directory) > 0 {
		e, rest, err := z.central(directory)
		if err == errLimit {
			return err
		}
		if err != nil {
			_ = a.lacks(Unreadable)
			break
		}
		e.offset += base
		directory, entries = rest, append(entries, e)
	}
	spans := make([][2]int64, 0, len(entries)+1)
	at := make([]int64, len(entries))
	for i := range entries {
		var end int64
		if at[i], end, err = z.local(&entries[i], start); err != nil {
			_ = a.lacks(Unreadable)
			continue
		}
		spans = append(spans, [2]int64{entries[i].offset, end})
	}
	z.layout(spans, start)
	for i, e := range entries {
		if at[i] == 0 {
			continue
		}
		if err := z.entry(&e, at[i]); err == errLimit {
			return err
		}
	}
	return nil
}

type zipReader struct {
	*inner
	file io.ReaderAt
	size int64
}

// bytes are so many at an offset.
func (z *zipReader) bytes(at, length int64) ([]byte, error) {
	if at < 0 || length < 0 || at > z.size-length {
		return nil, errZip
	}
	data := make([]byte, length)
	n, err := z.file.ReadAt(data, at)
	if n == len(data) {
		err = nil
	}
	return data, err
}

// directory returns the central directory, where it starts, and what is to be added to its offsets.
func (z *zipReader) directory() (data []byte, start, base int64, err error) {
	length := min(z.size, zipEndSize+maxComment)
	tail, err := z.bytes(z.size-length, length)
	if err != nil {
		return nil, 0, 0, err
	}
	at := -1
	for i := len(tail) - zipEndSize; i >= 0; i-- {
		if string(tail[i:i+4]) == zipEnd && i+zipEndSize+int(le.Uint16(tail[i+20:])) <= len(tail) {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, 0, 0, errZip
	}
	end := tail[at:]
	if zipEndSize+int(le.Uint16(end[20:])) < len(end) || bytes.Contains(end[4:], []byte(zipEnd)) {
		z.has(TrailingData)
	}
	last := z.size - length + int64(at)
	disks := le.Uint32(end[4:])
	here, all := uint64(le.Uint16(end[8:])), uint64(le.Uint16(end[10:]))
	directorySize, offset := uint64(le.Uint32(end[12:])), uint64(le.Uint32(end[16:]))
	if locator, failed := z.bytes(last-zipLocatorSize, zipLocatorSize); failed == nil && string(locator[:4]) == zipLocator64 {
		at64 := last - zipLocatorSize - zipEnd64Size
		end64, failed := z.bytes(at64, zipEnd64Size)
		if failed != nil || string(end64[:4]) != zipEnd64 || le.Uint64(end64[4:]) != zipEnd64Size-12 {
			return nil, 0, 0, errZip
		}
		here64, all64, size64, offset64 := le.Uint64(end64[24:]), le.Uint64(end64[32:]), le.Uint64(end64[40:]), le.Uint64(end64[48:])
		for _, each := range [][3]uint64{{here, here64, 1<<16 - 1}, {all, all64, 1<<16 - 1}, {directorySize, size64, 1<<32 - 1}, {offset, offset64, 1<<32 - 1}} {
			if each[0] != each[1] && each[0] != each[2] {
				z.has(HeaderMismatch)
			}
		}
		here, all, directorySize, offset, last = here64, all64, size64, offset64, at64
		disks |= le.Uint32(end64[16:]) | le.Uint32(end64[20:])
	}
	if disks != 0 || here != all || offset > uint64(last) || directorySize > uint64(last)-offset {
		return nil, 0, 0, errZip
	}
	if all > uint64(z.entries) || directorySize > maxDirectory {
		return nil, 0, 0, z.stop(TooManyEntries)
	}
	if base = last - int64(offset+directorySize); base > 0 {
		// Programs differ in whether something before the archive, or after its directory, moves the offsets.
		if sign, failed := z.bytes(int64(offset)+base, 4); failed == nil && string(sign) == zipCentral {
			z.has(LeadingData)
		} else {
			z.has(HiddenData)
			base = 0
		}
	}
	start = int64(offset) + base
	data, err = z.bytes(start, int64(directorySize))
	if err == nil && uint64(countOf(data)) != all {
		z.has(HeaderMismatch)
	}
	return data, start, base, err
}

// countOf is how many entries a central directory has, as far as it can be read.
func countOf(directory []byte) (count int) {
	for len(directory) >= zipCentralSize && string(directory[:4]) == zipCentral {
		length := zipCentralSize + int(le.Uint16(directory[28:])) + int(le.Uint16(directory[30:])) + int(le.Uint16(directory[32:]))
		if length > len(directory) {
			break
		}
		directory = directory[length:]
		count++
	}
	return count
}

// central reads an entry of the central directory.
func (z *zipReader) central(data []byte) (e zipEntry, rest []byte, err error) {
	if len(data) < zipCentralSize || string(data[:4]) != zipCentral {
		return e, nil, errZip
	}
	name, extra, comment := int(le.Uint16(data[28:])), int(le.Uint16(data[30:])), int(le.Uint16(data[32:]))
	if len(data) < zipCentralSize+name+extra+comment {
		return e, nil, errZip
	}
	e = zipEntry{
		name: string(data[zipCentralSize:][:name]), flags: le.Uint16(data[8:]), method: le.Uint16(data[10:]), crc: le.Uint32(data[16:]),
		compressed: uint64(le.Uint32(data[20:])), size: uint64(le.Uint32(data[24:])),
	}
	offset := uint64(le.Uint32(data[42:]))
	if !z.extra(data[zipCentralSize+name:][:extra], e.name, &e.size, &e.compressed, &offset) || le.Uint16(data[34:]) != 0 || offset > uint64(z.size) {
		return e, nil, errZip
	}
	e.offset = int64(offset)
	if creator := data[5]; creator == zipUnix || creator == zipDarwin {
		e.mode = le.Uint32(data[38:]) >> 16
	}
	return e, data[zipCentralSize+name+extra+comment:], z.named(e.name, e.folder())
}

// folder reports whether an entry is a folder. One that has content is a file.
func (e *zipEntry) folder() bool {
	return len(e.name) > 0 && e.name[len(e.name)-1] == '/' && e.size == 0
}

// extra reads fields of 64 bits: each that is all ones has its value there.
func (z *zipReader) extra(data []byte, name string, values ...*uint64) bool {
	for len(data) >= 4 {
		id, length := le.Uint16(data), int(le.Uint16(data[2:]))
		if data = data[4:]; length > len(data) {
			z.has(HeaderMismatch)
			return true
		}
		field := data[:length]
		data = data[length:]
		switch id {
		case extra64:
			for _, each := range values {
				if *each != 1<<32-1 {
					continue
				}
				if len(field) < 8 {
					return false
				}
				*each, field = le.Uint64(field), field[8:]
			}
			values = nil
		case extraPath:
			// A version, a checksum, and then the path that some programs take instead of the name.
			if length < 5 || string(field[5:]) != name {
				z.has(HeaderMismatch)
			}
		}
	}
	return true
}

// local compares what is before the content of an entry, and after it, with the central directory. It returns where the content starts, and
// where all of the entry ends. Limit is where the directory starts.
func (z *zipReader) local(e *zipEntry, limit int64) (start, end int64, err error) {
	head, err := z.bytes(e.offset, zipLocalSize)
	if err != nil || string(head[:4]) != zipLocal {
		return 0, 0, errZip
	}
	name, extra := int64(le.Uint16(head[26:])), int64(le.Uint16(head[28:]))
	rest, err := z.bytes(e.offset+zipLocalSize, name+extra)
	if err != nil {
		return 0, 0, err
	}
	flags, crc, compressed, size := le.Uint16(head[6:]), le.Uint32(head[14:]), uint64(le.Uint32(head[18:])), uint64(le.Uint32(head[22:]))
	if !z.extra(rest[name:], e.name, &size, &compressed) {
		return 0, 0, errZip
	}
	// Where the content was written before its size was known, these are empty here, and follow the content.
	streamed := flags&zipStreamed != 0
	same := func(local, central uint64) bool { return local == central || streamed && local == 0 }
	if string(rest[:name]) != e.name || le.Uint16(head[8:]) != e.method || (flags^e.flags)&(zipEncrypted|zipUTF8) != 0 ||
		!same(uint64(crc), uint64(e.crc)) || !same(compressed, e.compressed) || !same(size, e.size) {
		z.has(HeaderMismatch)
	}
	start = e.offset + zipLocalSize + name + extra
	if e.compressed > uint64(max(limit-start, 0)) {
		return 0, 0, errZip
	}
	end = start + int64(e.compressed)
	if streamed {
		length := z.descriptor(e, end, limit)
		if length == 0 {
			z.has(HeaderMismatch)
		}
		end += length
	}
	return start, end, nil
}

// descriptor returns the length of what follows the content of an entry, 0 if it differs from the central directory. Its signature may be
// missing, and its sizes have 32 or 64 bits.
func (z *zipReader) descriptor(e *zipEntry, at, limit int64) int64 {
	data, err := z.bytes(at, min(24, limit-at))
	if err != nil {
		return 0
	}
	crc := le.AppendUint32(nil, e.crc)
	small := le.AppendUint32(le.AppendUint32(bytes.Clone(crc), uint32(e.compressed)), uint32(e.size))
	large := le.AppendUint64(le.AppendUint64(bytes.Clone(crc), e.compressed), e.size)
	for _, each := range [][]byte{append([]byte(zipDescriptor), large...), append([]byte(zipDescriptor), small...), large, small} {
		if bytes.HasPrefix(data, each) && (len(each) >= len(large) || max(e.compressed, e.size) < 1<<32) {
			return int64(len(each))
		}
	}
	return 0
}

// layout checks that entries follow each other from the start of the file to the directory.
func (z *zipReader) layout(spans [][2]int64, directory int64) {
	slices.SortFunc(spans, func(a, b [2]int64) int { return int(min(max(a[0]-b[0], -1), 1)) })
	at := int64(0)
	for i, each := range append(spans, [2]int64{directory, directory}) {
		switch {
		case each[0] < at:
			z.has(Overlap)
		case each[0] > at && i == 0:
			z.has(LeadingData)
		case each[0] > at:
			z.has(HiddenData)
		}
		at = max(at, each[1])
	}
}

// entry reads the content of an entry. An error other than errLimit is noted.
func (z *zipReader) entry(e *zipEntry, start int64) error {
	mode := ""
	if e.mode != 0 {
		mode = fmt.Sprintf("%04o", e.mode&0o7777)
	}
	if e.folder() {
		// Some programs say that it is a file.
		return nil
	}
	kind := e.mode & typeMask
	if e.flags&zipEncrypted != 0 || e.method != zipStored && e.method != zipDeflated {
		z.add(Entry{In: z.in, Path: e.name, Mode: mode})
		return z.lacks(Unreadable)
	}
	if kind != 0 && kind != typeFile && kind != typeLink {
		z.has(SpecialFile)
	}
	section := io.NewSectionReader(z.file, start, int64(e.compressed))
	c := &zipContent{crc: crc32.NewIEEE(), want: e.crc, size: e.size}
	var stored io.ReaderAt
	var packed *bufio.Reader
	if e.method == zipStored {
		c.from, stored = section, section
	} else {
		packed = bufio.NewReader(section)
		c.from = flate.NewReader(packed)
	}
	if kind == typeLink {
		target, err := io.ReadAll(io.LimitReader(c, MaxName+1))
		if err != nil || len(target) > MaxName {
			z.add(Entry{In: z.in, Path: e.name, Mode: mode, Link: true})
			return z.lacks(Unreadable)
		}
		z.link(e.name, string(target), mode, false)
		return z.count(len(target), int64(len(target)))
	}
	_, err := z.inner.file(e.name, mode, c, stored)
	switch {
	case err == errLimit:
		return err
	case err == errSize:
		return z.lacks(HeaderMismatch)
	case err != nil:
		return z.lacks(Unreadable)
	}
	if packed != nil {
		if _, err := packed.ReadByte(); err == nil {
			z.has(HiddenData)
		}
	}
	return nil
}

// zipContent checks at the end of the content that it is the one that is described.
type zipContent struct {
	from io.Reader
	crc  hash.Hash32
	want uint32
	size uint64
	read uint64
}

func (c *zipContent) Read(to []byte) (int, error) {
	n, err := c.from.Read(to)
	c.crc.Write(to[:n])
	if c.read += uint64(n); c.read > c.size || err == io.EOF && (c.read != c.size || c.crc.Sum32() != c.want) {
		err = errSize
	}
	return n, err
}
