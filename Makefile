# The two commands a newcomer needs are demo and test; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# A JDK 25: JAVA_HOME if it is one, else the first under the usual places.
JAVA_HOME := $(shell scripts/find-jdk)
export JAVA_HOME
MVN := mvn -B -ntp -q
LAB := lab/bin/lab
JAR := operator/target/cleanroom.jar

.PHONY: help demo demo-stop test prove test-node bench lab tools tools-image tools-image-push cosign oracle build aot image image-push generate format clean jdk

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# NODES=simulated where a real node would be possible.
demo: lab build ## builds on a real node where this machine can have one, else the examples on simulated nodes; stays up
	@scripts/demo

demo-stop: ## end everything the demo started
	@scripts/demo stop

test: jdk ## build everything and prove it: formatting, static checks, unit tests, tests on a real API server and a real node
	@scripts/test

prove: jdk ## run all of what test takes a sample of (about 50 minutes), and write docs/proofs.md
	@scripts/prove

test-node: lab build ## tests on a real node: a kubelet, a container runtime, the operator, pods that run (Linux, root)
	@scripts/test-node

# ONLY=writes,burst runs these alone; QUICK=1 makes all of them small; ARGS="--help" tells more.
bench: aot ## measure what is claimed, on a lab of its own; prints a table (about an hour)
	@$(JAVA_HOME)/bin/java -Xmx1g -XX:+UseSerialGC \
	  -cp "operator/target/test-classes:operator/target/classes:$$(cat operator/target/test-class-path)" \
	  dev.cleanroom.operator.bench.Bench $(if $(ONLY),--only "$(ONLY)") $(if $(QUICK),--quick) $(ARGS)

lab: ## build lab/bin/lab: etcd, API server, controllers, scheduler, kubectl, simulated nodes
	@lab/build.sh

tools: ## build tools/bin: what runs inside build pods, for the platforms of its image
	@tools/build.sh

cosign: ## build lab/bin/cosign-3 and cosign-2, with which tests sign
	@lab/build.sh cosign

oracle: ## install the npm package that the verifier is compared with, where there is npm
	@scripts/oracle

build: jdk ## build the operator's jar
	@echo "== building the operator"
	@$(MVN) package -DskipTests

aot: lab build ## make operator/target/cleanroom.aot, with which the operator starts sooner
	@scripts/aot-cache operator/target/cleanroom.aot "$(JAVA_HOME)/bin/java" @operator/jvm.options -jar operator/target/cleanroom.jar

tools-image: lab tools ## make the image of the tools for all platforms, lab/bin/tools-image (an OCI layout), and print its digest
	@$(LAB) tools-image --programs tools/bin --out lab/bin/tools-image

tools-image-push: lab tools ## push it: TO=registry.example.com/cleanroom/tools:0.1.0, with the credentials of Docker's configuration
	@$(LAB) tools-image --programs tools/bin --to "$(TO)"

image: lab build ## make the operator's image, operator/target/cleanroom-image.tar (an OCI layout), without Docker
	@scripts/image

image-push: image ## push it: TO=registry.example.com/cleanroom/operator:0.1.0, with the credentials of Docker's configuration
	@scripts/image push "$(TO)"

generate: jdk ## write crds/generated from the API types
	@$(MVN) -pl crds test -Dcleanroom.generate=true

format: jdk ## format the Java sources
	@$(MVN) spotless:apply

clean: ## remove what was built, the lab's binary too
	@rm -rf target crds/target operator/target lab/bin tools/bin

jdk:
	@test -n "$(JAVA_HOME)" || { echo "No JDK 25 found. Install one (for example Temurin 25), or set JAVA_HOME to it." >&2; exit 1; }
