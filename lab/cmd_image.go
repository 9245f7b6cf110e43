package main

import (
	"errors"
	"fmt"

	"cleanroom.dev/lab/internal/images"
)

// cmdImage makes an image from a base image and the files of a folder, and prints its reference by digest.
func cmdImage(args []string) error {
	flags := newFlags("image")
	base := flags.String("base", "", "")
	folder := flags.String("folder", "", "")
	to := flags.String("to", "", "")
	parse(flags, args)
	if *base == "" || *folder == "" || *to == "" {
		return errors.New("image requires --base, --folder and --to")
	}
	digest, err := images.Push(*base, *folder, *to)
	if err != nil {
		return err
	}
	fmt.Println(digest)
	return nil
}
