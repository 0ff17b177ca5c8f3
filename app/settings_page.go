package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// settingsCommand prints docs/settings.md. go generate runs it.
type settingsCommand struct{}

// Run prints a table of all settings, from the flags of the commands.
func (settingsCommand) Run(p *program, parser *kong.Kong) error {
	_, err := fmt.Fprint(p.out, settingsPage(parser.Model))
	return err
}

// setting is one row of the page: a flag, and the commands that take it with the same default and help.
type setting struct {
	name, env, value, help string
	commands               []string
}

// settingsPage writes the page. Flags of one command come in the order of --help.
func settingsPage(model *kong.Application) string {
	var rows []*setting
	for _, command := range model.Leaves(true) {
		for _, f := range command.Flags {
			if len(f.Envs) == 0 {
				continue
			}
			row := setting{name: "--" + f.Name, env: strings.Join(f.Envs, " "), value: f.Default, help: f.Help}
			i := slices.IndexFunc(rows, func(r *setting) bool {
				return r.name == row.name && r.env == row.env && r.value == row.value && r.help == row.help
			})
			if i < 0 {
				i = len(rows)
				rows = append(rows, &row)
			}
			rows[i].commands = append(rows[i].commands, strings.TrimSpace(strings.TrimPrefix(command.FullPath(), model.Name)))
		}
	}
	for _, f := range model.Flags {
		if len(f.Envs) > 0 {
			rows = append(rows, &setting{name: "--" + f.Name, env: strings.Join(f.Envs, " "), value: f.Default, help: f.Help, commands: []string{"all"}})
		}
	}
	var b strings.Builder
	b.WriteString(settingsHead)
	for _, r := range rows {
		value := "–"
		if r.value != "" {
			value = "`" + r.value + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s |\n", r.name, r.env, value, strings.Join(r.commands, ", "), strings.ReplaceAll(r.help, "|", `\|`))
	}
	return b.String()
}

const settingsHead = `# Settings

Every setting is a flag and an environment variable; the flag wins. ` + "`go run . help COMMAND`" + ` prints those of one command. Durations are written
like ` + "`1m30s`" + `, sizes in bytes, lists with commas. This page is generated from the flags (` + "`go generate ./...`" + `).

| flag | variable | default | commands | what it does |
| --- | --- | --- | --- | --- |
`
