package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// script is what pgbench's clients do over and over: the same statements, each client with parameters of its own.
type script struct {
	clients [][]statement // by client, the first for all others if there is only one
}

// text writes the script for pgbench. A client reads its parameters once, before its first round.
func (s script) text(nth int) (string, error) {
	var out strings.Builder
	variable := func(n int) string { return fmt.Sprintf("s%d_%d", nth, n) }
	first, total := s.clients[0], 0
	var columns []string
	var body strings.Builder
	for i, st := range first {
		for _, other := range s.clients {
			if len(other) != len(first) || other[i].text != st.text || len(other[i].params) != len(st.params) {
				return "", errors.New("the same call sends other statements for another order")
			}
		}
		base := total
		fmt.Fprintf(&body, "%s;\n", st.named(func(n int) string { return ":" + variable(base+n) }))
		for range st.params {
			total++
			columns = append(columns, fmt.Sprintf("v[%d] as \"%d\"", total, total))
		}
	}
	if total > 0 {
		client := "0"
		if len(s.clients) > 1 {
			client = ":client_id"
		}
		fmt.Fprintf(&out, "\\if :ready%d = 0\n", nth)
		for some := range chunks(columns, 1_000) { // PostgreSQL returns at most 1,664
			fmt.Fprintf(&out, "select %s from yardstick.parameters where script = %d and client = %s \\gset s%d_\n", strings.Join(some, ", "), nth, client, nth)
		}
		fmt.Fprintf(&out, "\\set ready%d 1\n\\endif\n", nth)
	}
	out.WriteString(body.String())
	return out.String(), nil
}

// insert writes the parameters into the table from which the clients read them.
func (s script) insert(nth int) string {
	var out strings.Builder
	for client, list := range s.clients {
		var values []string
		for _, st := range list {
			for _, p := range st.params {
				if p == nil {
					values = append(values, "null")
				} else {
					values = append(values, literal(*p))
				}
			}
		}
		if len(values) > 0 {
			fmt.Fprintf(&out, "insert into yardstick.parameters values (%d, %d, cast(array[%s] as text[]));\n", nth, client, strings.Join(values, ", "))
		}
	}
	return out.String()
}

// literal quotes a text, with nothing in it that pgbench takes for a variable.
func literal(s string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, `'`, `''`, ":", `\x3a`).Replace(s) + "'"
}

const makeParameters = `
drop schema if exists yardstick cascade;
create schema yardstick;
create table yardstick.parameters (script int, client int, v text[], primary key (script, client));
`

// fixed is the least that a move could be: one update, one insert and one commit.
const (
	makeFixed = `
create table yardstick.things (id int primary key, stage int not null, version bigint not null) with (fillfactor = 80);
insert into yardstick.things select n, 0, 0 from generate_series(1, 10000) n;
create table yardstick.changes (id bigint generated always as identity primary key, thing int not null, body text not null);
`
	fixedScript = `\set thing random(1, 10000)
begin;
update yardstick.things set stage = 1 - stage, version = version + 1 where id = :thing;
insert into yardstick.changes (thing, body) values (:thing, 'a body about as long as that of an event, which holds the snapshot of an order and is some five hundred bytes of JSON: .....................................................................................................................................................................................................................................................................................................................................................................................');
commit;
`
)

// pgbenchRun is pgbench made ready.
type pgbenchRun struct {
	b     *bench
	dir   string
	files []string
	ready []string
}

// prepare writes the scripts into files, and makes what they stand on. Close it.
func (b *bench) preparePgbench(ctx context.Context, scripts ...script) (_ *pgbenchRun, err error) {
	dir, err := os.MkdirTemp("", "baogong-pgbench-")
	if err != nil {
		return nil, err
	}
	p := &pgbenchRun{b: b, dir: dir}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	setup := makeParameters
	for i, s := range scripts {
		text, err := s.text(i)
		if err != nil {
			return nil, err
		}
		setup += s.insert(i)
		file, err := p.write(fmt.Sprintf("%d.sql", i), text)
		if err != nil {
			return nil, err
		}
		p.files = append(p.files, file)
		p.ready = append(p.ready, fmt.Sprintf("ready%d=0", i))
	}
	return p, p.once(ctx, setup)
}

func (p *pgbenchRun) close() { _ = os.RemoveAll(p.dir) }

func (p *pgbenchRun) write(name, text string) (string, error) {
	path := filepath.Join(p.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// once runs statements a single time.
func (p *pgbenchRun) once(ctx context.Context, sql string) error {
	file, err := p.write("once.sql", sql)
	if err != nil {
		return err
	}
	_, err = p.b.tool(ctx, p.b.Pgbench, "-n", "-t", "1", "-f", file)
	return err
}

var (
	progressed = regexp.MustCompile(`(?m)^progress: [0-9.]+ s, ([0-9.]+) tps`)
	average    = regexp.MustCompile(`(?m)^tps = ([0-9.]+) `)
	failed     = regexp.MustCompile(`(?m)^number of failed transactions: [1-9]`)
)

// rate returns how many rounds of the scripts, chosen at random by the clients, end in a second. The first second, in which
// the clients connect and prepare, does not count. The shortest run lets each client finish 5 rounds.
func (p *pgbenchRun) rate(ctx context.Context, clients int, lasting time.Duration, files ...string) (float64, error) {
	args := []string{"-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", "2"}
	if lasting <= briefest {
		args = append(args, "-t", "5")
	} else {
		args = append(args, "-P", "1", "-T", strconv.Itoa(1+max(int(lasting.Seconds()), 1)))
	}
	for _, r := range p.ready {
		args = append(args, "-D", r)
	}
	for _, f := range files {
		args = append(args, "-f", f)
	}
	out, err := p.b.tool(ctx, p.b.Pgbench, args...)
	if err != nil {
		return 0, err
	}
	seconds := progressed.FindAllStringSubmatch(out, -1)
	if mean := average.FindStringSubmatch(out); len(seconds) < 2 && lasting < time.Second { // at a tiny scale the mean is all there is
		seconds = [][]string{nil, mean}
	}
	if len(seconds) < 2 || len(seconds[1]) < 2 || failed.MatchString(out) {
		return 0, fmt.Errorf("pgbench: %s", out)
	}
	sum := 0.0
	for _, m := range seconds[1:] {
		tps, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, fmt.Errorf("pgbench: %w", err)
		}
		sum += tps
	}
	return sum / float64(len(seconds)-1), nil
}

// statementTook is the line of a statement in pgbench's report, with its mean latency in milliseconds.
var statementTook = regexp.MustCompile(`(?m)^ +([0-9]+\.[0-9]+) +\d+ +\S`)

// settled is how often a script runs before its statements have the plans that they keep.
const settled = 6

// took returns how long the last statements of the only script take together, when one client runs it so often after it has settled.
func (p *pgbenchRun) took(ctx context.Context, times, statements int) (time.Duration, error) {
	before, err := p.total(ctx, settled, statements)
	if err != nil {
		return 0, err
	}
	all, err := p.total(ctx, settled+times, statements)
	if all <= before && err == nil { // only at a tiny scale
		return all / time.Duration(settled+times), nil
	}
	return (all - before) / time.Duration(times), err
}

// total returns how long the last statements of the only script take when one client runs it so often.
func (p *pgbenchRun) total(ctx context.Context, times, statements int) (time.Duration, error) {
	args := []string{"-n", "-M", "prepared", "-c", "1", "-r", "-t", strconv.Itoa(times)}
	for _, r := range p.ready {
		args = append(args, "-D", r)
	}
	out, err := p.b.tool(ctx, p.b.Pgbench, append(args, "-f", p.files[0])...)
	if err != nil {
		return 0, err
	}
	lines := statementTook.FindAllStringSubmatch(out, -1)
	if len(lines) < statements || failed.MatchString(out) {
		return 0, fmt.Errorf("pgbench: %s", out)
	}
	sum := 0.0
	for _, m := range lines[len(lines)-statements:] {
		ms, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, fmt.Errorf("pgbench: %w", err)
		}
		sum += ms
	}
	return time.Duration(sum * float64(time.Millisecond) * float64(times)), nil
}

// tool runs a program of PostgreSQL's to its end.
func (b *bench) tool(ctx context.Context, path string, args ...string) (string, error) {
	var out bytes.Buffer // what it says of its progress, too
	cmd := exec.Command(path, args...)
	cmd.Env = slices.Concat(os.Environ(), b.Env)
	cmd.Stdout, cmd.Stderr = &out, &out
	ended := make(chan error, 1)
	if err := launch(cmd, func(err error) { ended <- err }); err != nil {
		return "", err
	}
	select {
	case err := <-ended:
		if err != nil {
			return "", fmt.Errorf("%s: %w: %.1000s", filepath.Base(path), err, out.String())
		}
		return out.String(), nil
	case <-ctx.Done():
		_ = cmd.Process.Signal(syscall.SIGKILL)
		<-ended //nolint:errcheck // it says that pgbench was killed
		return "", context.Cause(ctx)
	}
}

// noPgbench is the note of a figure without its yardstick.
const noPgbench = "no pgbench beside this PostgreSQL"
