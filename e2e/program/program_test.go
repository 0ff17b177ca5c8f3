package program_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/demo"
	"baogong/e2e/house"
	"baogong/internal/volume"
	"baogong/resolvers"
	"baogong/web"
)

// TestProgram runs the program as it is built and shipped, with a PostgreSQL of its own.
func TestProgram(t *testing.T) {
	t.Parallel()
	path, err := house.BuildBinary(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := built{path}
	inCI := func(run func(*testing.T)) func(*testing.T) {
		return func(t *testing.T) {
			volume.OnlyInCI(t)
			run(t)
		}
	}
	t.Run("carries one order to the door while its household watches", b.carries)
	t.Run("SIGTERM keeps every answer and says goodbye", inCI(func(t *testing.T) { b.interrupted(t, syscall.SIGTERM) }))
	t.Run("kill -9 keeps every answer", inCI(func(t *testing.T) { b.interrupted(t, syscall.SIGKILL) }))
	t.Run("kill -9 on a walk", inCI(b.walks))
	t.Run("kill -9 in the middle of imports", inCI(b.imports))
	t.Run("kill -9 in the middle of webhooks", inCI(b.pushes))
	t.Run("SIGTERM ends it on a silent path", inCI(b.terminates))
	t.Run("help lists every setting", b.helps)
	t.Run("refusals are one sentence", b.refuses)
	t.Run("migrate and epoch", inCI(b.maintains))
	t.Run("commands work beside a running server", inCI(b.assists))
	t.Run("demo, again and again", inCI(b.shows))
	t.Run("Ctrl-C while demo loads", inCI(b.stops))
	t.Run("a PostgreSQL of one's own", inCI(b.borrows))
	t.Run("purge, killed in the middle", inCI(b.purges))
	t.Run("bench, very small", inCI(b.measures))
	t.Run("documents in the docs", documents)
}

// built is the built program, with the checks of TestProgram.
type built struct{ house.Binary }

// start starts a command of the program that serves.
func (b built) start(t *testing.T, command, data string, args ...string) *process {
	t.Helper()
	return &process{b.Binary.Start(t, command, data, args...)}
}

// process is a program that serves, with what TestProgram reads from it.
type process struct{ *house.Process }

func (b built) carries(t *testing.T) {
	t.Parallel()
	r := b.start(t, "serve", t.TempDir(), "--dev-actors")
	e := r.Estate("DCXY", nil)
	resident := r.Dial(t, "E6-1-1103", "")
	var board struct{ Board struct{ FeedCursor string } }
	r.Must("C01", `query ($c: ID!) { board(communityId: $c) { feedCursor } }`, obj{"c": e.Community}, &board)
	events := resident.After(e, board.Board.FeedCursor, nil)

	id := e.Place("E6-1-1103")
	state := resident.Operate(`subscription ($id: ID!) { order(id: $id) { stage version } }`, obj{"id": id})
	for i, step := range []struct{ actor, stage string }{{"", "PLACED"}, {"caiban", "DISPATCHED"}, {"D01", "AT_GATE"}, {"D01", "SORTED"},
		{"T01", "AT_BUILDING"}, {"S01", "OUT_FOR_DELIVERY"}, {"S01", "DELIVERED"}} {
		if step.actor != "" {
			e.Advance(step.actor, step.stage, id)
		}
		if got := events.Next().Order; got.OrderID != id || got.Stage != step.stage || got.Version != i+1 {
			t.Errorf("event %d: got %+v, want %s", i+1, got, step.stage)
		}
		var got struct {
			Order struct {
				Stage   string
				Version int
			}
		}
		if state.Value(&got); got.Order.Stage != step.stage || got.Order.Version != i+1 {
			t.Errorf("state %d: got %+v, want %s", i+1, got, step.stage)
		}
	}
	r.Drain()
}

// interrupted ends the program while orders are placed and moved, starts it again, and compares the answers with the
// stored orders. Then it repeats every call, and each must have taken effect once.
func (b built) interrupted(t *testing.T, signal syscall.Signal) {
	t.Parallel()
	const writers, enough = 6, placedUntilKill
	r := b.start(t, "serve", house.Folder(t), "--dev-actors", "--operations", "0")
	e := r.Estate("DCXY", nil)
	truck := make([]string, 30)
	for i := range truck {
		truck[i] = e.Place("E6-1-1203")
	}
	resident := r.Dial(t, "E6-1-1103", "")
	resident.Operate(house.OrderEvents, obj{"c": e.Community})

	place := func(h *house.Program, call string) (string, error) {
		a, err := h.Try("C01", house.PlaceOrder, obj{"in": obj{"clientMutationId": call, "externalNumber": call, "householdId": e.Homes["E6-1-1103"],
			"channel": "APP", "supplierId": e.Suppliers["caiban"], "lines": house.Goods}})
		var got struct {
			PlaceOrder struct{ Order *struct{ ID string } }
		}
		if err != nil {
			return "", err
		}
		if err := json.Unmarshal(a.Data, &got); err != nil || got.PlaceOrder.Order == nil {
			return "", fmt.Errorf("%v %s", a.Errors, a.Data)
		}
		return got.PlaceOrder.Order.ID, nil
	}
	// Up and down the stairs, all thirty or none.
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
		e.Advance("C01", stage, truck...)
	}
	trip := func(e *house.Estate, n int) error {
		in := house.MoveTo([]string{"AT_BUILDING", "OUT_FOR_DELIVERY"}[n%2], truck...)
		in["clientMutationId"], in["atomic"] = fmt.Sprint("trip ", n), true
		if n%2 == 0 {
			in["reason"] = "ABSENT"
		}
		got, err := e.TryAdvance("C01", in)
		if err == nil && (len(got.Results) != len(truck) || !got.Results[0].Moved) {
			err = fmt.Errorf("trip %d: %v", n, got)
		}
		return err
	}

	var mu sync.Mutex
	answered, unanswered := map[string]string{}, []string{}
	var count atomic.Int64
	busy := make(chan struct{})
	var once sync.Once
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := 0; ; i++ {
				call := fmt.Sprintf("%d-%d", w, i)
				id, err := place(&r.Program, call)
				mu.Lock()
				if err == nil {
					answered[call] = id
				} else {
					unanswered = append(unanswered, call)
				}
				mu.Unlock()
				if err != nil {
					return
				}
				if count.Add(1) > enough {
					once.Do(func() { close(busy) })
				}
			}
		})
	}
	trips := 0 // answered
	group.Go(func() {
		for trip(e, trips+1) == nil {
			trips++
		}
	})
	select {
	case <-busy:
	case <-time.After(house.Timeout):
		t.Error("nothing is placed")
	}
	err := r.End(signal)
	group.Wait()
	code := resident.Closed()
	if signal == syscall.SIGTERM {
		if err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
		if code != 1012 {
			t.Errorf("the socket was closed with %d, want 1012", code)
		}
		for line := range strings.Lines(r.Logged.String()) { // a shutdown must not log faults
			if strings.Contains(line, "level=ERROR") || strings.Contains(line, "database is closed") || strings.Contains(line, "context canceled") {
				t.Errorf("logged: %s", line)
			}
		}
	}
	t.Logf("%d placed and %d trips answered, %d calls not", len(answered), trips, len(unanswered))

	r = b.start(t, "serve", r.Data, "--dev-actors", "--operations", "0", "--cost", "0")
	again := *e
	again.Program = &r.Program
	e = &again
	orders := allOrders(e)
	for call, id := range answered {
		if o, ok := orders[id]; !ok || o.ExternalNumber != call {
			t.Errorf("the order of call %s was answered and is not there", call)
		}
	}
	for id, o := range orders {
		last := o.History[len(o.History)-1].Order
		if len(o.Lines) != 2 || len(o.History) != o.Version || last.Version != o.Version || last.Stage != o.Stage {
			t.Errorf("order %s is half done: %+v", id, o)
		}
	}
	if unheard := len(orders) - len(truck) - len(answered); signal == syscall.SIGTERM && unheard != 0 {
		t.Errorf("%d orders were placed and not answered", unheard)
	}
	moved := orders[truck[0]].Version - 5
	if moved != trips && moved != trips+1 {
		t.Errorf("%d trips were done, %d answered", moved, trips)
	}
	for _, id := range truck {
		if orders[id].Version != moved+5 {
			t.Errorf("a trip took %s to version %d, others to %d", id, orders[id].Version, moved+5)
		}
	}

	// Every caller asks again, with or without an answer to the first call.
	for call, id := range answered {
		if got, err := place(e.Program, call); err != nil || got != id {
			t.Errorf("call %s again: got %s, %v, want %s", call, got, err, id)
		}
	}
	for _, call := range unanswered {
		if _, err := place(e.Program, call); err != nil {
			t.Errorf("call %s again: %v", call, err)
		}
	}
	if err := trip(e, trips+1); err != nil {
		t.Error(err)
	}
	orders = allOrders(e)
	if got, want := len(orders), len(truck)+len(answered)+len(unanswered); got != want {
		t.Errorf("got %d orders, want %d", got, want)
	}
	if got, want := orders[truck[0]].Version, trips+1+5; got != want {
		t.Errorf("got version %d, want %d", got, want)
	}
	r.Drain()
}

// orderState is an order with its history.
type orderState struct {
	ID             string
	ExternalNumber string
	Stage          string
	Version        int
	Lines          []struct{ Position int }
	History        []struct {
		Order struct {
			Stage   string
			Version int
		}
	}
}

// allOrders reads every order, page by page.
func allOrders(e *house.Estate) map[string]orderState {
	e.T.Helper()
	orders := map[string]orderState{}
	var after any
	for {
		var got struct {
			Orders struct {
				Nodes    []orderState
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		e.Must("C01", `query ($c: ID!, $a: String) { orders(communityId: $c, first: 50, after: $a) { pageInfo { hasNextPage endCursor }
			nodes { id externalNumber stage version lines { position } history(last: 100) { order { stage version } } } } }`, obj{"c": e.Community, "a": after}, &got)
		for _, o := range got.Orders.Nodes {
			orders[o.ID] = o
		}
		if !got.Orders.PageInfo.HasNextPage {
			return orders
		}
		after = got.Orders.PageInfo.EndCursor
	}
}

// helpsWith checks the help of a command, and of the commands below it. Options that only say what one import, rehearsal or backtest is about
// need no variable.
func (b built) helpsWith(t *testing.T, command, common reflect.StructField, above ...string) {
	t.Helper()
	name := slices.Concat(above, []string{cmp.Or(command.Tag.Get("name"), strings.ToLower(command.Name))})
	code, help, said := b.Run(t, slices.Concat(name, []string{"--help"})...)
	if code != 0 || said != "" {
		t.Errorf("%s --help: exit %d, said %q", name, code, said)
	}
	help = strings.Join(strings.Fields(help), " ")
	for _, s := range append(reflect.VisibleFields(command.Type), common) {
		if _, below := s.Tag.Lookup("cmd"); below {
			b.helpsWith(t, s, common, name...)
			continue
		}
		env := s.Tag.Get("env")
		if env != "" && (!strings.Contains(help, " "+flag(s.Name)) || !strings.Contains(help, "$"+env)) {
			t.Errorf("%s --help says nothing of %s, $%s", name, flag(s.Name), env)
		}
		if !s.Anonymous && env == "" && len(above) == 0 && !slices.Contains([]string{"rehearse", "backtest"}, name[0]) {
			t.Errorf("%s of %s has no variable", s.Name, name)
		}
	}
}

func (b built) helps(t *testing.T) {
	t.Parallel()
	commands := reflect.TypeFor[app.Settings]()
	for f := range commands.Fields() {
		_, command := f.Tag.Lookup("cmd")
		if _, hidden := f.Tag.Lookup("hidden"); !command || hidden {
			continue
		}
		b.helpsWith(t, f, commands.Field(commands.NumField()-1))
	}
	if code, out, said := b.Run(t, "--version"); code != 0 || !regexp.MustCompile(`^([0-9a-f]{12}|development)\n$`).MatchString(out) || said != "" {
		t.Errorf("--version: exit %d, %q, %q", code, out, said)
	}
	_, version, _ := b.Run(t, "--version")
	_, ofServe, _ := b.Run(t, "serve", "--help")
	code, help, _ := b.Run(t, "--help")
	for words, want := range map[string]string{"version": version, "help": help, "help serve": ofServe} {
		if code, out, said := b.Run(t, strings.Fields(words)...); code != 0 || out != want || said != "" {
			t.Errorf("%s: exit %d, %q, %q, want %q", words, code, out, said, want)
		}
	}
	if code, _, said := b.Run(t, "help", "nope"); code != 1 || !strings.Contains(said, "unexpected argument nope") {
		t.Errorf("help nope: exit %d, %q", code, said)
	}
	for _, command := range []string{"demo", "serve", "migrate", "epoch", "purge", "bench"} {
		if code != 0 || !strings.Contains(help, "\n  "+command+" ") {
			t.Errorf("--help: exit %d, and nothing of %s", code, command)
		}
	}
}

// refuses checks that commands that cannot run exit with 1 and one sentence.
func (b built) refuses(t *testing.T) {
	t.Parallel()
	refused := func(t *testing.T, want string, args ...string) {
		t.Helper()
		if !slices.Contains(args, "--log-level") {
			args = append(args, "--log-level", "error")
		}
		code, out, said := b.Run(t, args...)
		said = strings.TrimSuffix(said, "\n")
		if code != 1 || out != "" || strings.Contains(said, "\n") || !regexp.MustCompile("^baogong: .*"+want).MatchString(said) {
			t.Errorf("%v: exit %d, %q, said %q, want one sentence with %q", args, code, out, said, want)
		}
	}
	t.Run("settings", func(t *testing.T) {
		t.Parallel()
		stale := filepath.Join(t.TempDir(), "documents.json")
		if err := os.WriteFile(stale, []byte(`{"me": "{ me { role } }", "stale": "{ me { nope } }"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		for want, args := range map[string][]string{
			"unknown flag --nope":                                    {"serve", "--nope"},
			"unexpected argument nope.*; see baogong --help":         {"nope"},
			"--poll must be a duration, .*; got soon":                {"serve", "--poll", "soon"},
			"--connections must be a whole number; got many":         {"migrate", "--connections", "many"},
			"--ring must be at least 4000":                           {"serve", "--ring", "100"},
			"--speed must be a number":                               {"demo", "--speed", "0"},
			"on this machine only":                                   {"demo", "--addr", ":8080"},
			"--log-level .* got \"loud\"":                            {"migrate", "--log-level", "loud"},
			"any actor, so it serves no proxy; got --proxies 10.0.0": {"serve", "--dev-actors", "--proxies", "10.0.0.0/8"},
			"any actor, so it listens on this ":                      {"serve", "--dev-actors", "--addr", "0.0.0.0:0"},
			"/nowhere holds no working Post":                         {"migrate", "--data", filepath.Join(t.TempDir(), "x"), "--postgres", "/nowhere"},
			"--oidc-issuer needs --oidc-aud":                         {"serve", "--oidc-issuer", "https://id.example"},
			"nothing without --oidc-issuer":                          {"serve", "--oidc-audience", "baogong"},
			"issuer must be an https URL":                            {"serve", "--oidc-issuer", "http://id.example", "--oidc-audience", "baogong"},
			"trusted document stale does not fit the schema: .*nope": {"serve", "--trusted-documents", stale},
			"otlp-endpoint must be the http or http":                 {"serve", "--otlp-endpoint", "localhost:4318"},
			"credentials go into OTEL_EXPORTER_OTLP_HEADERS":         {"demo", "--otlp-endpoint", "http://user:geheim@localhost:4318"},
			"--metrics-addr must be host:port":                       {"serve", "--addr", "localhost:0", "--metrics-addr", "metrics"},
			"--metrics-addr: cannot listen at 192.0.2.1:1":           {"serve", "--addr", "localhost:0", "--metrics-addr", "192.0.2.1:1"},
			"--addr must be host:port, .* got \"foo\"":               {"serve", "--addr", "foo"},
			"--addr must be host:port, .* got \"8080\"":              {"demo", "--addr", "8080"},
			"--addr has a port that .* got \"localhost:http\"":       {"serve", "--addr", "localhost:http"},
			"--addr: cannot listen at 192.0.2.1:1":                   {"serve", "--addr", "192.0.2.1:1"},
			"--public-url must be http:// .* got \"dongchen.example": {"serve", "--public-url", "dongchen.example"},
			"--public-url must be http:// .* got \"localhost:8080":   {"invite", "--public-url", "localhost:8080"},
			"--statement-time must be 0 or longer; got -1s":          {"migrate", "--statement-time=-1s"},
			"--proxies: a network must .* got \"10.0.0.0/33":         {"serve", "--proxies", "10.0.0.1,10.0.0.0/33"},
			"--proxies: a network must .* got \"proxy":               {"serve", "--proxies", "proxy"},
			"--drain must be 0 or longer; got -1s":                   {"serve", "--drain=-1s"},
			"--account-streams must be 0 or more; got -1":            {"serve", "--account-streams=-1"},
			"--sockets must be 0 or more; got -1":                    {"demo", "--sockets=-1"},
			"both or neither":                                        {"serve", "--tls-cert", "cert.pem"},
			"read the certificate: .*nowhere":                        {"serve", "--tls-cert", "/nowhere", "--tls-key", "/nowhere"},
			"--after-days must be 0 or more":                         {"purge", "--after-days=-1"},
			"--batch must be 1 or more":                              {"purge", "--batch", "0"},
		} {
			refused(t, want, args...)
		}
	})
	t.Run("a database that is not there", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		nothing := l.Addr().String()
		_ = l.Close()
		url := "postgres://baogong:geheim@" + nothing + "/x?sslmode=disable"
		refused(t, "connection refused", "serve", "--addr", "localhost:0", "--database-url", url)
		for _, command := range []string{"migrate", "epoch", "purge"} {
			refused(t, "connection refused", command, "--database-url", url)
		}
		for _, broken := range []string{url + "&connect_timeout=x", "postgres://baogong:geheim@host:port/x", "postgres://baogong:ge#/heim@host/x",
			"mysql://baogong:geheim@host/x", "postgres://baogong:%geheim@host/x", "host=x password=geheim nonsense"} {
			for _, name := range []string{"--database-url", "--listen-url"} {
				args := []string{"migrate", name, broken}
				refused(t, name+" .* cannot be read; write postgres://", args...)
				if _, _, said := b.Run(t, args...); strings.Contains(said, "heim") {
					t.Errorf("tells the password: %s", said)
				}
			}
		}
	})
	t.Run("a port that is taken, before there is a database", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		for _, command := range []string{"serve", "demo"} {
			data := filepath.Join(t.TempDir(), "new")
			refused(t, regexp.QuoteMeta(l.Addr().String())+" is already in use; choose another with --addr .*address already in use", command, "--data", data, "--addr", l.Addr().String())
			if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s made a database for nothing: %v", command, err)
			}
		}
	})
	t.Run("a folder that is in use, or a real estate's", func(t *testing.T) {
		t.Parallel()
		r := b.start(t, "serve", filepath.Join(t.TempDir(), "demo"))
		refused(t, "already uses the database folder", "serve", "--addr", "localhost:0", "--data", r.Data)
		if a := r.Ask("admin", `{ me { role } }`, nil); a.Code() != "UNAUTHENTICATED" {
			t.Errorf("without --dev-actors: got %q, want UNAUTHENTICATED", a.Code())
		}
		refused(t, "holds a database that is not the demonstration's", "demo", "--addr", "localhost:0", "--data", r.Data)
		if err := r.End(os.Interrupt); err != nil {
			t.Errorf("after Ctrl-C: %v", err)
		}
	})
}

func (b built) maintains(t *testing.T) {
	t.Parallel()
	for _, data := range []string{filepath.Join(t.TempDir(), "typo"), t.TempDir()} {
		for _, command := range []string{"epoch", "purge", "rekey"} {
			code, out, said := b.Run(t, command, "--data", data)
			if code != 1 || out != "" || !strings.HasPrefix(said, "baogong: "+data+" holds no database; ") {
				t.Errorf("%s of no database: exit %d, %q, %q", command, code, out, said)
			}
		}
		if left, err := filepath.Glob(filepath.Join(data, "*")); err != nil || len(left) > 0 {
			t.Errorf("a command on no database left %q, %v", left, err)
		}
	}
	data := t.TempDir()
	for i := range 2 {
		code, out, said := b.Run(t, "migrate", "--data", data)
		if code != 0 || !strings.Contains(out, "up to date") || strings.Contains(said, "There is no database in") != (i == 0) {
			t.Errorf("migrate: exit %d, %q, %q", code, out, said)
		}
	}
	if code, out, said := b.Run(t, "epoch", "--data", data); code != 0 || !strings.HasPrefix(out, "There are no feeds") {
		t.Errorf("epoch without a community: exit %d, %q, %q", code, out, said)
	}
	r := b.start(t, "serve", data, "--dev-actors")
	e := r.Estate("DCXY", nil)
	r.finds(t, `href="graphiql"`)
	if !strings.Contains(r.page(t, "/graphiql/"), `"hint":"dev:\u003cname\u003e`) {
		t.Error("GraphiQL does not say that a token may be dev:<name>")
	}
	e.Place("E6-1-1203") // something to see
	for _, op := range r.tabs(t) {
		doc, err := parser.ParseQuery(&ast.Source{Input: op.Query})
		if err != nil {
			t.Fatal(err)
		}
		for _, actor := range []string{"C01", "S01", "caiban", "E6-1-1203", "admin"} {
			for _, o := range doc.Operations {
				if o.Name != "OrderEvents" { // waits for an event
					r.runs(t, actor, o, op.Query, strings.ReplaceAll(op.Variables, "小区 id · community id", e.Community))
				}
			}
		}
	}
	var before struct{ Board struct{ FeedCursor string } }
	r.Must("C01", `query ($c: ID!) { board(communityId: $c) { feedCursor } }`, obj{"c": e.Community}, &before)
	r.Drain()
	if code, out, said := b.Run(t, "epoch", "--data", data); code != 0 || !strings.HasPrefix(out, "1 feed has a new epoch") {
		t.Errorf("epoch: exit %d, %q, %q", code, out, said)
	}
	r = b.start(t, "serve", data, "--dev-actors")
	lost := r.Dial(t, "C01", "").Operate(house.OrderEvents, obj{"c": e.Community, "a": before.Board.FeedCursor}).Refused()
	if lost.Extensions["code"] != "RESYNC_REQUIRED" {
		t.Errorf("an old cursor: got %v, want RESYNC_REQUIRED", lost)
	}
	r.Drain()
}

// assists runs each maintenance command on the private PostgreSQL of a running server.
func (b built) assists(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "an estate")
	r := b.start(t, "serve", data, "--dev-actors")
	first := slices.ContainsFunc(r.Told, func(line string) bool {
		return strings.Contains(line, "There is no administrator yet") && strings.Contains(line, " invite --data '"+data+"'")
	})
	if !first || !slices.ContainsFunc(r.Told, func(line string) bool { return strings.Contains(line, "opens on this machine only; set --public-url") }) {
		t.Errorf("an empty server on loopback said %q, want how to invite and that links open here only", r.Told)
	}
	e := r.Estate("DCXY", nil)
	var before struct{ Board struct{ FeedCursor string } }
	r.Must("C01", `query ($c: ID!) { board(communityId: $c) { feedCursor } }`, obj{"c": e.Community}, &before)
	watching := r.Dial(t, "C01", "").After(e, before.Board.FeedCursor, nil)
	for command, want := range map[string]string{"migrate": "The schema is up to date", "rekey": "Key ", "purge": "No closure ended"} {
		if code, out, said := b.Run(t, command, "--data", data); code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("%s: exit %d, %q, %q", command, code, out, said)
		}
	}
	for args, site := range map[string]string{"": "http://" + r.Host, "--public-url=https://dongchen.example/": "https://dongchen.example"} {
		code, out, said := b.Run(t, slices.DeleteFunc([]string{"invite", "--data", data, args}, func(a string) bool { return a == "" })...)
		secret, _, _ := strings.Cut(out, "\n")
		if code != 0 || !strings.Contains(out, " "+site+"/sign-in#"+secret+"\n") {
			t.Fatalf("invite %s: exit %d, %q, %q, want a link to %s", args, code, out, said, site)
		}
		var got struct {
			RedeemCode struct{ Role string }
		}
		if r.Must("", house.RedeemCode, obj{"in": obj{"code": secret}}, &got); got.RedeemCode.Role != "ADMIN" {
			t.Errorf("the server took the code for %q, want an administrator's", got.RedeemCode.Role)
		}
	}
	id := e.Place("E6-1-1103")
	if got := watching.Next().Order; got.OrderID != id {
		t.Errorf("a stream got %+v, want order %s", got, id)
	}
	if code, out, said := b.Run(t, "epoch", "--data", data); code != 0 || !strings.HasPrefix(out, "1 feed has a new epoch") {
		t.Errorf("epoch: exit %d, %q, %q", code, out, said)
	}
	if lost := watching.Refused(); lost.Extensions["code"] != "RESYNC_REQUIRED" {
		t.Errorf("a stream over the new epoch: got %v, want RESYNC_REQUIRED", lost)
	}
	r.Drain()
	if left, err := filepath.Glob(filepath.Join(data, "*")); err != nil || len(left) != 1 {
		t.Errorf("got %q, %v, want the database alone", left, err)
	}
	r = b.start(t, "serve", data)
	if slices.ContainsFunc(r.Told, func(line string) bool { return strings.Contains(line, "no administrator") }) {
		t.Errorf("a server with an administrator said %q", r.Told)
	}
	r.Drain()
}

// shows starts the demonstration twice, and tends and refuses its folder meanwhile.
func (b built) shows(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	end := func(r *process) {
		t.Helper()
		r.Drain()
	}
	first := b.start(t, "demo", data)
	first.finds(t, "Whom you can try it as", `href="graphiql"`, `href="schema.graphql"`, `href="healthz"`, `href="readyz"`, `href="sign-in"`)
	first.readme(t)
	first.tries(t)
	end(first)
	own := filepath.Join(data, "demo")
	if code, out, said := b.Run(t, "epoch", "--data", data); code != 1 || !strings.Contains(said, "with --data "+own) {
		t.Errorf("epoch of the folder around: exit %d, %q, %q", code, out, said)
	}
	for command, want := range map[string]string{"migrate": "up to date", "epoch": "1 feed has a new epoch"} {
		if code, out, said := b.Run(t, command, "--data", own); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %q, %q", command, code, out, said)
		}
	}
	if code, _, said := b.Run(t, "serve", "--addr", "localhost:0", "--data", own); code != 1 || !strings.Contains(said, "holds the demonstration estate") {
		t.Errorf("serve: exit %d, %q", code, said)
	}
	end(b.start(t, "serve", data))
	again := b.start(t, "demo", data)
	again.finds(t, "Whom you can try it as")
	end(again)
}

// stops interrupts a demo that loads, as a terminal does: the whole process group at once. It ends with one sentence and status 1, and its
// PostgreSQL has ended before it.
func (b built) stops(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	cmd := b.Command("demo", "--addr", "localhost:0", "--data", data, "--log-level", "warn")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(house.Timeout, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	t.Cleanup(func() { // no effect if the demo has ended
		limit.Stop()
		if cmd.ProcessState == nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
		}
	})
	told := bufio.NewScanner(out)
	for told.Scan() && !strings.Contains(told.Text(), "buildings") {
	}
	first, _, _ := strings.Cut(house.PageText(t, filepath.Join(data, "demo", "postgres", "data", "postmaster.pid")), "\n")
	postgres, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for told.Scan() {
		if strings.Contains(told.Text(), "listens") {
			t.Error("it served after the signal")
		}
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || said.String() != "baogong: stopped before the start was complete\n" {
		t.Errorf("exit %d, said %q", code, said.String())
	}
	if err := syscall.Kill(postgres, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("PostgreSQL, process %d, is left: %v", postgres, err)
	}
	if _, err := os.Stat(filepath.Join(data, "demo", "postgres", "data", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its lock file is left: %v", err)
	}
}

// borrows runs serve and demo over given databases. demo refuses one that holds a real community.
func (b built) borrows(t *testing.T) {
	t.Parallel()
	serving, showing := dbtest.Empty(t), dbtest.Empty(t)
	data := filepath.Join(t.TempDir(), "unused")
	r := b.start(t, "serve", data, "--dev-actors", "--database-url", serving)
	e := r.Estate("DCXY", nil)
	e.Place("E6-1-1103")
	r.Drain()
	code, out, said := b.Run(t, "demo", "--addr", "localhost:0", "--data", data, "--database-url", serving)
	if code != 1 || out != "" || !strings.Contains(said, "holds the community DCXY") {
		t.Errorf("demo over a real community: exit %d, %q, %q", code, out, said)
	}
	for range 2 {
		r := b.start(t, "demo", data, "--database-url", showing)
		var me struct {
			Me struct{ Community struct{ Code string } }
		}
		if r.Must("C01", `{ me { community { code } } }`, nil, &me); me.Me.Community.Code != demo.Code {
			t.Errorf("got %q, want the demonstration's", me.Me.Community.Code)
		}
		r.Drain()
	}
	if code, out, said := b.Run(t, "epoch", "--database-url", showing); code != 0 || !strings.HasPrefix(out, "1 feed has") {
		t.Errorf("epoch: exit %d, %q, %q", code, out, said)
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made for nothing: %v", err)
	}
}

// finds checks that the front page has the texts and that none of its links is broken.
func (r *process) finds(t *testing.T, want ...string) {
	t.Helper()
	front := r.page(t, "/")
	for _, text := range want {
		if !strings.Contains(front, text) {
			t.Errorf("the front page has no %q", text)
		}
	}
	for _, href := range regexp.MustCompile(`href="(/[^"]*)"`).FindAllStringSubmatch(front, -1) {
		if href[1] == "/readyz" { // which says no, too, while the machine is too busy to look
			r.ready(t)
			continue
		}
		r.page(t, href[1])
	}
	if got := r.page(t, "/schema.graphql"); got != resolvers.Contract() {
		t.Errorf("/schema.graphql is not the schema: %.100s", got)
	}
}

// ready waits until the program says that it is.
func (r *process) ready(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(house.Timeout); ; {
		res, err := http.Get("http://" + r.Host + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("GET /readyz: %s", res.Status)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// page reads one of the pages.
func (r *process) page(t *testing.T, path string) string {
	t.Helper()
	res, err := http.Get("http://" + r.Host + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("GET %s: %s, %v", path, res.Status, err)
	}
	return string(text)
}

// tabs are the operations that GraphiQL opens with.
func (r *process) tabs(t *testing.T) []web.Operation {
	t.Helper()
	found := regexp.MustCompile(`(?s)id="setup">(.*?)</script>`).FindStringSubmatch(r.page(t, "/graphiql/"))
	if found == nil {
		t.Fatal("GraphiQL has no setup")
	}
	var setup struct{ Operations []web.Operation }
	if err := json.Unmarshal([]byte(found[1]), &setup); err != nil {
		t.Fatal(err)
	}
	return setup.Operations
}

// tries runs every ready operation of the demonstration as its actor, in the order of the tabs.
func (r *process) tries(t *testing.T) {
	t.Helper()
	placed := regexp.MustCompile(`"hold":\{"id":"([^"]+)"`)
	hold := ""
	for _, op := range r.tabs(t) {
		doc, err := parser.ParseQuery(&ast.Source{Input: op.Query})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range doc.Operations {
			var alone strings.Builder // a stream cannot name its operation here
			formatter.NewFormatter(&alone).FormatQueryDocument(&ast.QueryDocument{Operations: ast.OperationList{o}, Fragments: doc.Fragments})
			answer := r.runs(t, op.Actor, o, alone.String(), strings.ReplaceAll(op.Variables, "HOLD_ID", hold))
			if found := placed.FindStringSubmatch(answer); found != nil {
				hold = found[1] // as the comment there says
			}
		}
	}
	if hold == "" {
		t.Error("no ready operation placed a hold")
	}
}

// runs runs one operation, which must succeed, and returns the answer or, of a subscription, the first.
func (r *process) runs(t *testing.T, actor string, o *ast.OperationDefinition, query, variables string) string {
	t.Helper()
	var vars map[string]any
	if variables != "" {
		if err := json.Unmarshal([]byte(variables), &vars); err != nil {
			t.Fatal(err)
		}
	}
	var got []byte
	if o.Operation == ast.Subscription {
		s, ok := r.Listen(t, actor, "", query, vars).Next()
		if !ok || s.Name != "next" || len(s.Answer.Errors) > 0 {
			t.Errorf("%s as %s: got %v, %v", o.Name, actor, s, ok)
		}
		got = append([]byte(`{"data":`), s.Answer.Data...)
	} else {
		body, err := json.Marshal(obj{"query": query, "operationName": o.Name, "variables": vars})
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err = r.Send(t.Context(), actor, body); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Contains(got, []byte(`"data":{`)) || bytes.Contains(got, []byte(`"errors":`)) || regexp.MustCompile(`"userErrors":\[[^]]`).Match(got) {
		t.Errorf("%s as %s with %s: got %s", o.Name, actor, variables, got)
	}
	return string(got)
}

// purges kills the purge in the middle and runs it again. The rows are written straight into the tables: many, so that
// there is a middle.
func (b built) purges(t *testing.T) {
	t.Parallel()
	const homes = purgeHomes
	dsn := dbtest.DSN(t)
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.ExecContext(t.Context(), fmt.Sprintf(`
		insert into communities (code, name, time_zone, version, created_at, closure_ended_at)
		values ('DCXY', '东辰心语', 'Asia/Shanghai', 1, now(), now() - interval '31 days'), ('XILING', '西陵', 'Asia/Shanghai', 1, now(), now() - interval '29 days');
		insert into feeds (community_id, head, epoch, day) values (1, 0, 1, current_date), (2, 0, 1, current_date);
		insert into buildings (community_id, id, code, name, has_lift, access_note, version, created_at)
		select c, '00000000-0000-0000-0000-0000000000b1', 'E6', '六', true, '', 1, now() from generate_series(1, 2) c;
		insert into units (community_id, id, building_id, number, floors, version, created_at)
		select c, '00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000b1', 1, 18, 1, now() from generate_series(1, 2) c;
		insert into households (community_id, id, building_id, unit_id, address, floor, room, contact_name, phone, people, needs, version, created_at)
		select c, gen_random_uuid(), '00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000c1', 'E6-1-' || n, 1, cast(n as text), '王', '13655556666', 1, '{PET}', 1, now()
		  from generate_series(1, 2) c, generate_series(1, %d) n`, homes)); err != nil {
		t.Fatal(err)
	}
	left := func(community int) (n int) {
		t.Helper()
		if err := d.QueryRowContext(t.Context(), `select count(*) from households where community_id = $1 and phone <> ''`, community).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	args := []string{"purge", "--database-url", dsn, "--batch", "10"}
	code, out, said := b.Run(t, append(args, "--dry-run")...)
	if code != 0 || !strings.HasPrefix(out, fmt.Sprintf("DCXY 东辰心语: would remove %d households", homes)) || strings.Count(out, "\n") != 1 || left(1) != homes {
		t.Errorf("dry run: exit %d, %q, %q", code, out, said)
	}

	cmd := b.Command(args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for left(1) == homes && time.Since(began) < house.Timeout {
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for others, began := 1, time.Now(); others > 0 && time.Since(began) < house.Timeout; { // a batch under way may still be committed
		if err := d.QueryRowContext(t.Context(), `
			select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()`).Scan(&others); err != nil {
			t.Fatal(err)
		}
	}
	middle := left(1)
	if middle == 0 || middle == homes || middle%10 != 0 {
		t.Fatalf("%d of %d are left after the kill, want whole batches of a part", middle, homes)
	}

	args[4] = "1000"
	code, out, said = b.Run(t, args...)
	want := fmt.Sprintf("DCXY 东辰心语: removed %d households", middle)
	if code != 0 || !strings.HasPrefix(out, want) || !strings.Contains(out, fmt.Sprintf("已清除：住户（姓名、电话、需求） %d、", middle)) || left(1) != 0 {
		t.Errorf("exit %d, %q, %q, %d left, want %q", code, out, said, left(1), want)
	}
	if left(2) != homes {
		t.Errorf("%d are left of a community whose closure ended 29 days ago, want all", left(2))
	}
	if code, out, said = b.Run(t, args...); code != 0 || !strings.HasPrefix(out, "No closure ended 30 days ago") {
		t.Errorf("again: exit %d, %q, %q", code, out, said)
	}
	if code, out, said = b.Run(t, append(args, "--after-days", "29")...); code != 0 || !strings.HasPrefix(out, fmt.Sprintf("XILING 西陵: removed %d households", homes)) || left(2) != 0 {
		t.Errorf("after 29 days: exit %d, %q, %q", code, out, said)
	}
}

// documents checks that the GraphQL blocks of all pages fit the schema, and that the Chinese README has the shell blocks of the English one.
func documents(t *testing.T) {
	t.Parallel()
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: resolvers.Contract()})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "README.md") {
		for _, f := range fence.FindAllStringSubmatch(house.PageText(t, page), -1) {
			if f[1] != "graphql" {
				continue
			}
			if _, err := gqlparser.LoadQueryWithRules(parsed, f[2], rules.NewDefaultRules()); err != nil {
				t.Errorf("%s: %v in\n%s", page, err, f[2])
			}
		}
	}
	english, _ := shellBlocks(t, "README.md")
	if chinese, _ := shellBlocks(t, "README.zh-CN.md"); !slices.Equal(chinese, english) {
		t.Error("README.zh-CN.md has other shell blocks than README.md")
	}
}

// readme runs the shell blocks of README.md and docs/tour.md, as printed and in one session each, against a new demonstration.
// The printed answer below a block must match the real one: the same fields, the same refusals.
func (r *process) readme(t *testing.T) {
	t.Helper()
	for _, page := range []string{"README.md", "docs/tour.md"} {
		blocks, printed := shellBlocks(t, page)
		r.follow(t, blocks, printed)
	}
}

// shellBlocks returns a page's ```sh blocks, and what is printed below each.
func shellBlocks(t *testing.T, page string) (blocks, printed []string) {
	t.Helper()
	for _, f := range fence.FindAllStringSubmatch(house.PageText(t, page), -1) {
		if f[1] == "sh" {
			blocks, printed = append(blocks, f[2]), append(printed, f[3])
		}
	}
	if !slices.ContainsFunc(blocks, func(s string) bool { return strings.Contains(s, "http://localhost:8080/graphql") }) {
		t.Fatalf("%s has no ```sh block with a call to http://localhost:8080/graphql.", page)
	}
	return blocks, printed
}

// follow runs shell blocks in one session against the program, and compares what they print.
func (r *process) follow(t *testing.T, blocks, printed []string) {
	t.Helper()
	const between = "\x1e\n"
	session := strings.ReplaceAll(strings.Join(blocks, "printf '\\036\\n'\n"), "localhost:8080", r.Host)
	cmd := exec.CommandContext(t.Context(), "bash", "-u", "-c", session)
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Error(err)
	}
	came := strings.Split(string(out), between)
	if len(came) != len(blocks) {
		t.Fatalf("%d of %d blocks were run:\n%s", len(came), len(blocks), out)
	}
	for i, block := range blocks {
		if got, want := outline(t, came[i]), outline(t, printed[i]); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s\ngave\n%s\nwhich is %q, want %q as printed", block, came[i], got, want)
		}
	}
}

// fence finds blocks of code: the language, the text, and for sh the printed answer.
var fence = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?")

// outline lists, for each answer in a text, the fields of each type and the refusals. Of equal answers in a row it keeps
// only the first, since an event stream may have any number.
func outline(t *testing.T, text string) (answers []string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "data: ")
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var answer any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(line, ",…", "")), &answer); err != nil {
			t.Errorf("%v in %s", err, line)
			continue
		}
		seen := map[string]bool{}
		visit(answer, "", seen)
		s := strings.Join(slices.Sorted(maps.Keys(seen)), " ")
		if len(answers) == 0 || answers[len(answers)-1] != s {
			answers = append(answers, s)
		}
	}
	return answers
}

// visit notes the paths of an answer's fields, and its codes.
func visit(v any, path string, seen map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			at := path + "." + name
			if name == "code" {
				at += "=" + fmt.Sprint(field)
			}
			visit(field, at, seen)
		}
	case []any:
		for _, item := range v {
			visit(item, path, seen)
		}
		if len(v) == 0 {
			seen[path] = true
		}
	default:
		seen[path] = true
	}
}

// benchRow is a text in a row of each subject of bench.
var benchRow = map[string]string{"delivery": "per delivery", "memory": "resident per idle socket", "moves": "single moves", "bulk": "in bulk calls",
	"chain": "sorted by label", "people": "taken and closed", "imports": "imported: rows", "webhooks": "deliveries", "board": "boards", "page": "readable on a slow phone", "latency": "commit to client", "city": "a city's peak", "growth": "grown to", "prices": "points"}

// measures runs all of bench with tiny numbers, to check that it works. The figures mean nothing.
func (b built) measures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page, figures := filepath.Join(dir, "page.md"), filepath.Join(dir, "figures.json")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute) // far more than it takes
	defer cancel()
	cmd := exec.CommandContext(ctx, string(b.Binary), "bench", "--full", "--only", benchOnly, "--scale", benchScale, "--rounds", "1", "--json", figures, "--write", page, "--log-level", "error")
	cmd.Env = b.Command().Env
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // so that it ends what it started
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	subjects := strings.Split(benchOnly, ",")
	wanted := []string{"AT " + benchScale + " OF THE SCALE"}
	for _, subject := range subjects {
		wanted = append(wanted, benchRow[subject])
	}
	for _, want := range wanted {
		if !strings.Contains(string(out), want) || !strings.Contains(house.PageText(t, page), want) {
			t.Errorf("the table has no %q: %s", want, out)
		}
	}
	var report struct {
		Machine struct{ Cores int }
		Figures []struct{ Value float64 }
	}
	if err := json.Unmarshal([]byte(house.PageText(t, figures)), &report); err != nil || report.Machine.Cores == 0 || len(report.Figures) < len(subjects) {
		t.Errorf("%v, %+v", err, report)
	}
}
