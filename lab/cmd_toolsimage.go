package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"cleanroom.dev/lab/internal/images"
)

// cmdToolsImage makes the tools image from the programs that tools/build.sh built, pushes it if --to is given, and
// prints its digest.
func cmdToolsImage(args []string) error {
	flags := newFlags("tools-image")
	programs := flags.String("programs", "", "")
	out := flags.String("out", "", "")
	to := flags.String("to", "", "")
	parse(flags, args)
	if *programs == "" || (*out == "") == (*to == "") {
		return errors.New("tools-image requires --programs, and either --out or --to")
	}
	built, err := filepath.Glob(filepath.Join(*programs, "linux-*"))
	if err != nil {
		return err
	}
	byArchitecture := map[string]string{}
	for _, folder := range built {
		byArchitecture[strings.TrimPrefix(filepath.Base(folder), "linux-")] = folder
	}
	index, err := images.Tools(byArchitecture)
	if err != nil {
		return err
	}
	if *to != "" {
		called, err := images.Publish(index, *to)
		if err == nil {
			fmt.Println(called)
		}
		return err
	}
	digest, err := index.Digest()
	if err == nil {
		fmt.Println(digest)
		err = images.WriteLayout(index, *out)
	}
	return err
}
