// Package registry serves two upstream image registries for tests: one with the referrers API, one without.
package registry

import (
	"context"
	"io"
	"log"
	"net/http"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"github.com/sirupsen/logrus"
)

// WithReferrers is go-containerregistry's registry. It has the referrers API, and does not send OCI-Subject.
func WithReferrers() http.Handler {
	return ggcr.New(ggcr.WithReferrersSupport(true), ggcr.Logger(log.New(io.Discard, "", 0)))
}

// WithoutReferrers is distribution's registry. It answers 404 to the referrers API, and validates what is pushed.
func WithoutReferrers(ctx context.Context) http.Handler {
	logrus.SetOutput(io.Discard)
	config := &configuration.Configuration{Storage: configuration.Storage{"inmemory": nil}}
	config.HTTP.Secret = "of one process, which signs upload URLs with it"
	config.Catalog.MaxEntries = 1000
	return handlers.NewApp(ctx, config)
}
