// Command baogong carries the orders of a closed community from the phone to the door.
package main

//go:generate go tool gqlgen generate
//go:generate sh -c "go run . settings >docs/settings.tmp && mv docs/settings.tmp docs/settings.md || { rm -f docs/settings.tmp; exit 1; }"
//go:generate sh -c "go run . terms >web/app/terms.tmp && mv web/app/terms.tmp web/app/shared/terms.ts || { rm -f web/app/terms.tmp; exit 1; }"

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"baogong/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := app.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "baogong:", err)
		os.Exit(1)
	}
}
