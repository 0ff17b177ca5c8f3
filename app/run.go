// Package app is the program: its commands, its settings, and how everything below is wired together.
package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // communities name their time zone; the machine may not know it

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"baogong/bench"
)

// Run is the whole program: it parses the arguments, does what they say until ctx is done, and writes what people
// should read to out and the log to logs.
func Run(ctx context.Context, args []string, out, logs io.Writer) error {
	var s Settings
	exited := false
	parser, err := kong.New(&s, kong.Name("baogong"),
		kong.Description("Baogong (保供) carries the orders of a closed community from the phone to the door, live."),
		kong.Vars{"version": version(), "trials": strings.Join(bench.Names(), ", ")}, kong.Writers(out, logs), kong.Exit(func(int) { exited = true }), kong.UsageOnError(),
		kong.TypeMapper(reflect.TypeFor[netip.Prefix](), kong.MapperFunc(networkFlag)), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}))
	if err != nil {
		return err
	}
	command, err := parser.Parse(asFlags(args))
	if exited { // --help, --version
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s; see baogong --help", inPlainWords(err.Error()))
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		return fmt.Errorf("--log-level (BAOGONG_LOG_LEVEL) must be debug, info, warn or error; got %q", s.LogLevel)
	}
	p := &program{out: out, log: newLog(logs, level), terminal: isTerminal(out)}
	slog.SetDefault(p.log)
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(p, parser)
}

// plainWords are kong's sentences about values, each followed by ours.
var plainWords = []struct {
	kong *regexp.Regexp
	ours string
}{
	{regexp.MustCompile(`^(--\S+): expected (?:a valid \d+ bit )?u?int(?: value)? but got "?(-\d+)"? \(short flag\).*$`), "$1 must be 0 or more; got $2"},
	{regexp.MustCompile(`^(--\S+): expected a valid \d+ bit u?int but got "(.*)"$`), "$1 must be a whole number; got $2"},
	{regexp.MustCompile(`^(--\S+): expected a float but got "(.*)" \(.*\)$`), "$1 must be a number; got $2"},
	{regexp.MustCompile(`^(--\S+): expected duration but got "(.*)": .*$`), "$1 must be a duration, such as 10s or 500ms; got $2"},
	{regexp.MustCompile(`^(--\S+): bool value must be true, 1, yes, false, 0 or no but got "(.*)"$`), "$1 must be true or false; got $2"},
	{regexp.MustCompile(`^unknown flag (-\w), did you mean "-h"\?$`), "unknown flag $1; flags begin with two hyphens"},
	{regexp.MustCompile(`^unknown flag (--\S+), did you mean "-h"\?$`), "unknown flag $1"},
}

// inPlainWords returns kong's message about the arguments as a sentence for people.
func inPlainWords(message string) string {
	for _, w := range plainWords {
		if w.kong.MatchString(message) {
			return w.kong.ReplaceAllString(message, w.ours)
		}
	}
	return message
}

// networkFlag parses a network. A single address is a network of itself.
func networkFlag(c *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := c.Scan.PopValueInto("network", &text); err != nil {
		return err
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		var address netip.Addr
		if address, err = netip.ParseAddr(text); err == nil {
			network, err = address.Prefix(address.BitLen())
		}
	}
	if err != nil {
		return fmt.Errorf("a network must be an address and the length of its prefix, such as 10.0.0.0/8; got %q", text)
	}
	target.Set(reflect.ValueOf(network))
	return nil
}

// asFlags turns the commands help and version into flags: help serve becomes serve --help.
func asFlags(args []string) []string {
	switch {
	case len(args) > 0 && args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case len(args) == 1 && args[0] == "version":
		return []string{"--version"}
	}
	return args
}

func newLog(w io.Writer, level slog.Level) *slog.Logger {
	if isTerminal(w) {
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: time.TimeOnly}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
