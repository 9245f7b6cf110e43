package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"cleanroom.dev/lab/internal/audit"
	"cleanroom.dev/lab/internal/cluster"
)

func cmdWrites(args []string) error {
	flags := newFlags("writes")
	resolve := dirFlag(flags)
	since := flags.String("since", "", "count requests received at this time or later, RFC 3339")
	user := flags.String("user", "", "count this user's requests")
	by := flags.String("by", "agent", "agent or object")
	output := flags.String("o", "table", "table or json")
	parse(flags, args)
	dir, err := resolve()
	if err != nil {
		return err
	}
	filter := audit.Filter{User: *user}
	if *since != "" {
		if filter.Since, err = time.Parse(time.RFC3339, *since); err != nil {
			return fmt.Errorf("--since: %w", err)
		}
	}
	if *by != "agent" && *by != "object" {
		return fmt.Errorf("--by %q: give agent or object", *by)
	}
	state, err := cluster.ReadState(dir)
	switch {
	case err != nil:
		return err
	case state == nil:
		return fmt.Errorf("there is no lab in %s", dir)
	case !state.Audit:
		return errors.New("this lab keeps no audit log: start it with `lab up --audit`")
	}
	// Rotated files have a time between the name and the extension.
	current := dir.AuditLog()
	extension := filepath.Ext(current)
	paths, err := filepath.Glob(strings.TrimSuffix(current, extension) + "*" + extension)
	if err != nil {
		return err
	}
	rows, err := audit.Count(filter, *by == "object", paths...)
	if err != nil {
		return err
	}
	switch *output {
	case "json":
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	case "table":
		return printWrites(rows, *by == "object")
	}
	return fmt.Errorf("-o %q: give table or json", *output)
}

func printWrites(rows []audit.Row, byObject bool) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	if byObject {
		fmt.Fprintln(table, "NAMESPACE\tRESOURCE\tNAME\tCOUNT")
	} else {
		fmt.Fprintln(table, "USER\tAGENT\tVERB\tRESOURCE\tCODE\tCOUNT")
	}
	total, leases, events := 0, 0, 0
	for _, row := range rows {
		total += row.Count
		switch {
		case strings.HasPrefix(row.Resource, "leases."):
			leases += row.Count
		case row.Resource == "events" || strings.HasPrefix(row.Resource, "events."):
			events += row.Count
		}
		if byObject {
			fmt.Fprintf(table, "%s\t%s\t%s\t%d\n", row.Namespace, row.Resource, row.Name, row.Count)
		} else {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\n", row.User, row.UserAgent, row.Verb, row.Resource, row.Code, row.Count)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Printf("total %d, of them leases %d, events %d\n", total, leases, events)
	return nil
}
