package app

import (
	"fmt"

	"baogong/resolvers"
)

// Run prints the schema as one document.
func (schemaCommand) Run(p *program) error {
	_, err := fmt.Fprint(p.out, resolvers.Contract())
	return err
}
