package main

import (
	"context"
	"flag"
	"log"
	"os"

	"cleanroom.dev/lab/internal/sim"
)

// runNodes is the process that simulates the nodes. Its supervisor ends it by a signal.
func runNodes() {
	flags := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "")
	nodes := flags.Int("nodes", 0, "")
	health := flags.Int("health-port", 0, "")
	logs := sim.LogServer{}
	flags.IntVar(&logs.Port, "log-port", 0, "")
	flags.StringVar(&logs.Cert, "tls-cert-file", "", "")
	flags.StringVar(&logs.Key, "tls-private-key-file", "", "")
	flags.StringVar(&logs.ClientCA, "client-ca-file", "", "")
	_ = flags.Parse(os.Args[1:])
	log.Fatal(sim.Run(context.Background(), *kubeconfig, *nodes, *health, logs))
}
