package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"cleanroom.dev/lab/internal/cluster"
)

func cmdStatus(args []string) error {
	flags := newFlags("status")
	resolve := dirFlag(flags)
	parse(flags, args)
	dir, err := resolve()
	if err != nil {
		return err
	}
	state, err := cluster.ReadState(dir)
	if err != nil {
		return err
	}
	if state == nil {
		return fmt.Errorf("there is no lab in %s", dir)
	}
	health, err := cluster.Health(context.Background(), dir, state)
	if err != nil {
		return err
	}
	sick := !state.Supervisor.Alive()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COMPONENT\tPID\tPORT\tHEALTHY")
	fmt.Fprintf(table, "supervisor\t%d\t-\t%s\n", state.Supervisor.PID, yes(!sick))
	for _, component := range state.Components {
		answer := "yes"
		if err := health[component.Name]; err != nil {
			sick, answer = true, "no: "+err.Error()
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\n", component.Name, component.PID, component.Port, answer)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	switch {
	case state.Failure != "":
		return fmt.Errorf("the lab ended: %s; logs are in %s", state.Failure, dir.Logs())
	case sick:
		return errors.New("the lab is not healthy")
	case !state.Ready:
		return errors.New("the lab is not ready yet")
	}
	return nil
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}
