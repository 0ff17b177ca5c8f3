package app

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/alecthomas/kong"

	"baogong/delivery"
	"baogong/issuer"
	"baogong/server"
	"baogong/server/limit"
	"baogong/telemetry"
)

// Settings is every setting, as a flag and an environment variable. Kong writes the help from it.
type Settings struct {
	Demo     demoCommand     `cmd:"" help:"Start everything with the demonstration estate, whose orders move. 启动演示小区。"`
	Serve    serveCommand    `cmd:"" help:"Start the server. 启动服务。"`
	Invite   inviteCommand   `cmd:"" help:"Make the code by which an administrator or the city signs in, once, within 7 days. 生成管理员或市级的邀请码。"`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database's schema up to date and exit. 升级数据库结构后退出。"`
	Epoch    epochCommand    `cmd:"" help:"After a restore from backup: start a new epoch of every feed, so that no old cursor is taken for a new one. 从备份恢复后运行。"`
	Rekey    rekeyCommand    `cmd:"" help:"Add a key that seals cursors; the previous one retires after 30 days, so no sign-in ends. 更换游标密钥。"`
	Schema   schemaCommand   `cmd:"" help:"Print the whole GraphQL schema as one document. 打印完整的接口定义。"`
	Bench    benchCommand    `cmd:"" help:"Measure what deliveries, sockets, moves and boards cost, each beside a yardstick, on a PostgreSQL of its own. 性能测量。"`
	Import   importCommand   `cmd:"" help:"Import orders, or a whole estate, from files. 从文件导入订单或小区资料。"`
	Rehearse rehearseCommand `cmd:"" help:"Rehearse a day of the chain: whether everything is delivered in time, where queues build, where one more person helps. 流程模拟：模拟一天的配送。"`
	Backtest backtestCommand `cmd:"" help:"Forecast each day of a community's past from the days before it, and print how far each method was off. 用历史订单检验需求预测。"`
	Purge    purgeCommand    `cmd:"" help:"Remove the personal data of communities whose closure has ended, and exit; numbers and the feed stay. 清除已结束封闭小区的个人信息。"`

	Help wordCommand `cmd:"" help:"Print the help, or that of a command: help serve. 显示帮助。"`
	Show wordCommand `cmd:"" name:"version" help:"Print the version. 显示版本。"`

	Settings  settingsCommand  `cmd:"" hidden:"" help:"Print the table of all settings as a page."`
	Terms     termsCommand     `cmd:"" hidden:"" help:"Print the words of the rules as a module for the pages."`
	BenchPart benchPartCommand `cmd:"" hidden:"" help:"One of the processes of bench."`

	Version  kong.VersionFlag `help:"Print the version and exit."`
	LogLevel string           `help:"Lowest level that is logged: debug, info, warn, error." default:"info" env:"BAOGONG_LOG_LEVEL"`
}

// databaseSettings say where the rows are.
type databaseSettings struct {
	DatabaseURL   string        `help:"A PostgreSQL of your own (15 or newer): postgres://user:password@host/database?sslmode=… Without it a private one is started below --data." env:"DATABASE_URL" placeholder:"URL"`
	ListenURL     string        `help:"The same database without the pooler, if --database-url goes through one: LISTEN and migrations need direct connections." env:"BAOGONG_LISTEN_URL" placeholder:"URL"`
	Pooler        bool          `help:"Keep no prepared statements: needed behind a pooler in transaction mode, with binary_parameters=yes in the URL." env:"BAOGONG_POOLER"`
	StatementTime time.Duration `help:"Longest one SQL statement may take, a little above --request-time; 0 leaves it to PostgreSQL. Not set with --pooler." default:"35s" env:"BAOGONG_STATEMENT_TIME"`
	Connections   int           `help:"Most database connections for callers' requests; the feed and the clock worker have three more, LISTEN one." default:"20" env:"BAOGONG_CONNECTIONS"`
	Data          string        `help:"Folder of the private PostgreSQL." default:".baogong" env:"BAOGONG_DATA" type:"path"`
	Postgres      string        `help:"Folder that holds postgres and initdb; found by itself without it." env:"BAOGONG_POSTGRES" placeholder:"FOLDER" type:"path"`
}

// ServerSettings say how to be reached, and how much one peer may take.
type ServerSettings struct {
	Addr                  string         `help:"Where to listen: host:port; port 0 takes a free one." default:"localhost:8080" env:"BAOGONG_ADDR"`
	TLSCert               string         `help:"File with the certificate chain (PEM) to serve HTTPS with; read again when it changes." env:"BAOGONG_TLS_CERT" placeholder:"FILE"`
	TLSKey                string         `help:"File with the key of --tls-cert (PEM)." env:"BAOGONG_TLS_KEY" placeholder:"FILE"`
	PublicURL             string         `help:"Where people reach the server, such as https://baogong.example, or https://street.example/baogong behind a proxy that removes the path; codes, links and QR codes begin with it. Without it they begin with the address of --addr." env:"BAOGONG_PUBLIC_URL" placeholder:"URL"`
	Origins               []string       `help:"Further origins whose pages may ask and open a WebSocket, such as https://board.example." env:"BAOGONG_ORIGINS" placeholder:"ORIGIN"`
	Sockets               int            `help:"Most WebSockets and event streams at once; 0 is the default." default:"20000" env:"BAOGONG_SOCKETS"`
	Proxies               []netip.Prefix `help:"Networks (CIDR) of the proxies in front, whose X-Forwarded-For says who the client is: 10.0.0.0/8." env:"BAOGONG_PROXIES" placeholder:"CIDR"`
	TrustedDocuments      string         `help:"File of the only operations that may run: a JSON list of documents, or an object of them by id." env:"BAOGONG_TRUSTED_DOCUMENTS" placeholder:"FILE"`
	NoIntrospection       bool           `help:"Refuse to tell the schema to clients." env:"BAOGONG_NO_INTROSPECTION"`
	Operations            int            `help:"Operations an account may send per second; 0 is no limit." default:"50" env:"BAOGONG_OPERATIONS"`
	OperationsBurst       int            `help:"Operations an account may send at once after a pause." default:"200" env:"BAOGONG_OPERATIONS_BURST"`
	Cost                  int            `help:"Cost an account may spend per second, as --complexity counts it; 0 is no limit." default:"20000" env:"BAOGONG_COST"`
	CostBurst             int            `help:"Cost an account may spend at once after a pause." default:"100000" env:"BAOGONG_COST_BURST"`
	AddressFactor         int            `help:"Limits of one client address (IPv6: one /64) as a multiple of an account's, since a whole estate may share one address; 0 is no limit." default:"4" env:"BAOGONG_ADDRESS_FACTOR"`
	AccountSockets        int            `help:"Most WebSockets and event streams of one account; 0 is no limit." default:"64" env:"BAOGONG_ACCOUNT_SOCKETS"`
	AccountStreams        int            `help:"Most subscriptions of one account, on all its connections; 0 is no limit." default:"256" env:"BAOGONG_ACCOUNT_STREAMS"`
	AddressSockets        int            `help:"Most WebSockets and event streams from one client address; 0 is no limit." default:"2000" env:"BAOGONG_ADDRESS_SOCKETS"`
	AddressWaiting        int            `help:"Most WebSockets from one client address without a connection_ack, and as many other WebSockets and event streams without an account; 0 is no limit." default:"100" env:"BAOGONG_ADDRESS_WAITING"`
	AnonymousShare        int            `help:"Percent of --sockets for WebSockets without a connection_ack, and as many again for other connections without an account; the rest is reserved for accounts." default:"20" env:"BAOGONG_ANONYMOUS_SHARE"`
	Quota                 int            `help:"Factor on the daily allowance of an account: orders, lines, text and so on, by role; 0 is no limit." default:"1" env:"BAOGONG_QUOTA"`
	BodyBytes             int64          `help:"Largest request body, and WebSocket message, in bytes." default:"1048576" env:"BAOGONG_BODY_BYTES"`
	BodiesBytes           int            `help:"Most bytes of request bodies and WebSocket messages being read or answered at once; one client address may take half of what the others leave." default:"67108864" env:"BAOGONG_BODIES_BYTES"`
	QueryTokens           int            `help:"Most tokens of a GraphQL document; 0 is the default." default:"1500" env:"BAOGONG_QUERY_TOKENS"`
	Complexity            int            `help:"Highest cost of an operation: fields, those below a page once for each item; 0 is the default." default:"20000" env:"BAOGONG_COMPLEXITY"`
	RequestTime           time.Duration  `help:"Longest a query or mutation may take; 0 is the default." default:"30s" env:"BAOGONG_REQUEST_TIME"`
	WriteTime             time.Duration  `help:"Longest a client may take to receive or send 16 KiB before its connection is closed; 0 is the default." default:"10s" env:"BAOGONG_WRITE_TIME"`
	SlowAfter             time.Duration  `help:"How long a subscriber may read nothing while values wait for it; 0 is the default." default:"5s" env:"BAOGONG_SLOW_AFTER"`
	Poll                  time.Duration  `help:"How often the feed is polled without a notification; 0 is the default." default:"1s" env:"BAOGONG_POLL"`
	Ring                  int            `help:"Events a community keeps in memory." default:"32768" env:"BAOGONG_RING"`
	Drain                 time.Duration  `help:"Longest an orderly stop may take: streams are closed in slices, for their clients to go on elsewhere." default:"10s" env:"BAOGONG_DRAIN"`
	NoWebhooks            bool           `help:"Do not send events to webhooks from this process; other processes on the same database may." env:"BAOGONG_NO_WEBHOOKS"`
	NoPlans               bool           `help:"Do not plan days in this process: its clock rehearses nothing, which saves CPU. planAgainstActual then has only plans that were made by hand or by another process." env:"BAOGONG_NO_PLANS"`
	WebhookPrivateTargets bool           `help:"Allow webhooks to private addresses and over plain http, for receivers inside your own network. Without it only https to public addresses is allowed." env:"BAOGONG_WEBHOOK_PRIVATE_TARGETS" name:"webhook-private-targets"`
	WebhookTime           time.Duration  `help:"Longest the receiver of a webhook may take to answer; 0 is the default." default:"15s" env:"BAOGONG_WEBHOOK_TIME"`
	OIDCIssuer            string         `help:"OpenID Connect issuer whose access tokens staff and suppliers sign in with: its URL exactly as in their iss; https, or http on this machine." env:"BAOGONG_OIDC_ISSUER" name:"oidc-issuer" placeholder:"URL"`
	OIDCAudience          string         `help:"The aud of that issuer's tokens for this API; needed with --oidc-issuer." env:"BAOGONG_OIDC_AUDIENCE" name:"oidc-audience" placeholder:"NAME"`
	StaffSignIn           time.Duration  `help:"How long members of the team, suppliers and the city stay signed in without opening the program, from 1h to 4320h; their pages renew it meanwhile." default:"336h" env:"BAOGONG_STAFF_SIGN_IN"`
	MetricsAddr           string         `help:"Where operators alone listen: host:port of /metrics and /debug/pprof/. Without it /metrics is on --addr, for this machine only." env:"BAOGONG_METRICS_ADDR" placeholder:"ADDR"`
	OTLPEndpoint          string         `help:"OpenTelemetry collector that traces are sent to (OTLP over HTTP), such as http://localhost:4318; none without it." env:"OTEL_EXPORTER_OTLP_ENDPOINT" name:"otlp-endpoint" placeholder:"URL"`
	DevActors             bool           `help:"Accept Authorization: Bearer dev:<name> as any person. Never use it where real people are served." env:"BAOGONG_DEV_ACTORS"`
}

// minRing holds a few of the largest calls, so that consecutive ones do not close a client that reads.
const minRing = 4 * delivery.MaxBulk

// minPoll keeps an idle server from reading the feed without a pause.
const minPoll = 10 * time.Millisecond

// Validate refuses settings that contradict each other, before anything is started. Kong calls it.
func (s ServerSettings) Validate() error {
	if s.Ring < minRing {
		return fmt.Errorf("--ring must be at least %d, several of the largest calls; got %d", minRing, s.Ring)
	}
	for _, origin := range s.Origins {
		if _, err := server.ParseOrigin(origin); err != nil {
			return fmt.Errorf("--origins: %w", err)
		}
	}
	if s.AnonymousShare < 1 || s.AnonymousShare > 45 {
		return fmt.Errorf("--anonymous-share must be 1 to 45 percent, so that some of --sockets remain for accounts; got %d", s.AnonymousShare)
	}
	if int64(s.BodiesBytes) < 4*s.BodyBytes {
		return fmt.Errorf("--bodies-bytes must be at least four times --body-bytes (%d); got %d", s.BodyBytes, s.BodiesBytes)
	}
	if s.OTLPEndpoint != "" {
		if err := telemetry.CheckEndpoint(s.OTLPEndpoint); err != nil {
			return err
		}
	}
	if err := s.checkAddresses(); err != nil {
		return err
	}
	if err := s.checkAmounts(); err != nil {
		return err
	}
	_, err := s.verifier(nil)
	return err
}

// checkAddresses fails if the server cannot listen at an address, or links cannot begin with it.
func (s ServerSettings) checkAddresses() error {
	if _, _, err := splitAddr(s.Addr, "--addr"); err != nil {
		return err
	}
	if s.MetricsAddr != "" {
		if _, _, err := splitAddr(s.MetricsAddr, "--metrics-addr"); err != nil {
			return err
		}
	}
	_, err := publicURL(s.PublicURL, s.Addr, "0", false)
	return err
}

// checkAmounts fails for negative numbers and durations.
func (s ServerSettings) checkAmounts() error {
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"--sockets", int64(s.Sockets)}, {"--operations", int64(s.Operations)}, {"--operations-burst", int64(s.OperationsBurst)}, {"--cost", int64(s.Cost)},
		{"--cost-burst", int64(s.CostBurst)}, {"--address-factor", int64(s.AddressFactor)}, {"--account-sockets", int64(s.AccountSockets)}, {"--account-streams", int64(s.AccountStreams)},
		{"--address-sockets", int64(s.AddressSockets)}, {"--address-waiting", int64(s.AddressWaiting)}, {"--body-bytes", s.BodyBytes}, {"--quota", int64(s.Quota)},
		{"--query-tokens", int64(s.QueryTokens)}, {"--complexity", int64(s.Complexity)},
	} {
		if n.value < 0 {
			return fmt.Errorf("%s must be 0 or more; got %d", n.name, n.value)
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"--request-time", s.RequestTime}, {"--write-time", s.WriteTime}, {"--slow-after", s.SlowAfter}, {"--poll", s.Poll}, {"--drain", s.Drain}, {"--webhook-time", s.WebhookTime},
	} {
		if d.value < 0 {
			return fmt.Errorf("%s must be 0 or longer; got %v", d.name, d.value)
		}
	}
	if s.StaffSignIn < delivery.MinStaffTokenLife || s.StaffSignIn > delivery.SessionLife {
		return fmt.Errorf("--staff-sign-in must be from %v to %v; got %v", delivery.MinStaffTokenLife, delivery.SessionLife, s.StaffSignIn)
	}
	if s.Poll > 0 && s.Poll < minPoll {
		return fmt.Errorf("--poll must be at least %v, or 0 for the default; got %v", minPoll, s.Poll)
	}
	return nil
}

// verifier makes the verifier of the issuer's tokens, and nil if there is no issuer.
func (s ServerSettings) verifier(log *slog.Logger) (*issuer.Verifier, error) {
	switch {
	case s.OIDCIssuer == "" && s.OIDCAudience == "":
		return nil, nil
	case s.OIDCIssuer == "":
		return nil, errors.New("--oidc-audience says nothing without --oidc-issuer")
	case s.OIDCAudience == "":
		return nil, errors.New("--oidc-issuer needs --oidc-audience: what the issuer writes into the aud of tokens meant for this API")
	}
	return issuer.New(issuer.Options{Issuer: s.OIDCIssuer, Audience: s.OIDCAudience, Log: log})
}

// limits returns the edge's limits. A setting of 0 means the edge's default if there is one.
func (s ServerSettings) limits() limit.Limits {
	operations, cost := limit.Rate{PerSecond: s.Operations, Burst: s.OperationsBurst}, limit.Rate{PerSecond: s.Cost, Burst: s.CostBurst}
	return limit.Limits{
		Body: s.BodyBytes, Tokens: s.QueryTokens, Complexity: s.Complexity, Sockets: s.Sockets,
		AccountOperations: operations, AddressOperations: operations.Times(s.AddressFactor),
		AccountCost: cost, AddressCost: cost.Times(s.AddressFactor),
		AccountSockets: s.AccountSockets, AccountSubscriptions: s.AccountStreams, AddressSockets: s.AddressSockets, AddressWaiting: s.AddressWaiting,
		AnonymousShare: s.AnonymousShare, Bodies: s.BodiesBytes,
		RequestTimeout: s.RequestTime, WriteTimeout: s.WriteTime, SlowAfter: s.SlowAfter, Drain: s.Drain,
	}
}

// wordCommand lists a flag as a command. It never runs: asFlags turns it into the flag first.
type wordCommand struct{}

// Run does nothing.
func (wordCommand) Run() error { return nil }

type serveCommand struct {
	databaseSettings
	ServerSettings
}

type demoCommand struct {
	databaseSettings
	ServerSettings
	Speed string `help:"How many times faster than real the days pass; max as fast as they can." default:"60" env:"BAOGONG_SPEED"`
	Days  int    `help:"Stop after so many days and print what was done; 0 runs until stopped." default:"0" env:"BAOGONG_DAYS"`
	Seed  uint64 `help:"Random seed." default:"1" env:"BAOGONG_SEED"`
}

// Validate refuses settings that contradict each other. Kong calls it for a command instead of for what it embeds.
func (c demoCommand) Validate() error {
	if c.Days < 0 {
		return fmt.Errorf("--days must be 0 or more; got %d", c.Days)
	}
	return c.ServerSettings.Validate()
}

type inviteCommand struct {
	databaseSettings
	Addr        string   `help:"Where the server listens: host:port; the code's link begins with it where there is no --public-url." default:"localhost:8080" env:"BAOGONG_ADDR"`
	PublicURL   string   `help:"Where people reach the server, such as https://baogong.example; the code's link begins with it." env:"BAOGONG_PUBLIC_URL" placeholder:"URL"`
	City        bool     `help:"Invite the city, which sees numbers over many communities, and no administrator." env:"BAOGONG_CITY"`
	Communities []string `help:"Codes of the communities that the city counts; all of them without, also those that come later." env:"BAOGONG_COMMUNITIES" placeholder:"CODE"`
}

// Validate refuses settings that contradict each other. Kong calls it.
func (c inviteCommand) Validate() error {
	if _, err := publicURL(c.PublicURL, c.Addr, "0", false); err != nil {
		return err
	}
	if len(c.Communities) > 0 && !c.City {
		return errors.New("--communities says nothing without --city: an administrator sees every community")
	}
	return nil
}

// importCommand holds the commands that import files.
type importCommand struct {
	Orders importOrdersCommand `cmd:"" help:"Import orders of a supplier from its file, or from the list of a chat group. 从文件或接龙导入订单。"`
	Estate importEstateCommand `cmd:"" help:"Import buildings, households, the team and suppliers from a workbook; show what would be saved, and ask first. 从表格导入楼栋、住户、队员和供货商，先核对再保存。"`
}

type importEstateCommand struct {
	databaseSettings
	File            string `arg:"" optional:"" help:"The workbook (XLSX), or one of its sheets as a CSV file with the sheet's name, such as 住户.csv." type:"path"`
	Community       string `help:"Code of the community; needed except with --template." placeholder:"CODE"`
	CreateCommunity bool   `help:"Add the community if none has the code."`
	Name            string `help:"Name of the community that --create-community adds; by default its code." placeholder:"NAME"`
	TimeZone        string `help:"Time zone of the community that --create-community adds; Asia/Shanghai by default." default:"Asia/Shanghai" placeholder:"ZONE"`
	Yes             bool   `help:"Save without asking; needed where no one can answer, as in a script." aliases:"write"`
	DryRun          bool   `help:"Show what would be saved, and neither ask nor save."`
	SkipErrors      bool   `help:"Save the correct rows although others have errors; without it, nothing is saved until all cells are right."`
	Template        string `help:"Write an empty workbook to fill in to a new file, and exit." placeholder:"FILE" type:"path"`
}

// Validate refuses settings that contradict each other. Kong calls it.
func (c importEstateCommand) Validate() error {
	switch {
	case c.Template != "" && c.File != "":
		return errors.New("--template writes a file of its own; it takes no FILE")
	case c.Template != "":
		return nil
	case c.File == "":
		return errors.New("name the workbook: import estate FILE --community CODE; --template writes an empty one")
	case c.Community == "":
		return errors.New("--community is needed: the code of the community")
	case c.Yes && c.DryRun:
		return errors.New("--yes and --dry-run contradict each other")
	case c.Name != "" && !c.CreateCommunity:
		return errors.New("--name has no effect without --create-community")
	}
	return nil
}

// named is the name of a community that is added.
func (c importEstateCommand) named() string { return cmp.Or(c.Name, c.Community) }

type rehearseCommand struct {
	Orders       int           `help:"Orders of the day, spread over the assumed trucks; each truck's part is rounded." default:"1230"`
	GateHands    int           `help:"People at the gate." default:"6"`
	Sorters      int           `help:"People who sort." default:"10"`
	Carts        int           `help:"Carts, each with a person." default:"4"`
	CartBags     int           `help:"Bags that a cart takes." default:"20"`
	Volunteers   int           `help:"Volunteers at the doors, in all buildings together." default:"66"`
	Settle       time.Duration `help:"How long goods settle after the gate." default:"30m"`
	SortTime     time.Duration `help:"Mean time to sort an order." default:"90s"`
	DoorTime     time.Duration `help:"Mean time at a door." default:"72s"`
	Late         time.Duration `help:"Standard deviation of the delay of a truck." default:"15m"`
	LastTrucks   time.Duration `help:"How much later the trucks after 15:00 come, such as 1h or -1h." default:"0s"`
	LiftsOut     bool          `help:"The lifts are out of order."`
	Absent       float64       `help:"Share of the people who do not come, such as 0.2." default:"0"`
	Medicine     float64       `help:"Share of the orders that are medicine, from 0 to 1. Each post serves them first." default:"0.1"`
	Cold         float64       `help:"Share of the orders that must stay cold, from 0 to 1. Each post serves them after medicine." default:"0.2"`
	FirstCome    bool          `help:"Serve orders first come, first served, also medicine and cold goods."`
	Held         []string      `help:"A building that is held, with its times, such as E6:16:00-18:00." placeholder:"HOLD"`
	Buildings    int           `help:"Buildings of the estate." default:"26"`
	Units        int           `help:"Units of the estate." default:"35"`
	Households   int           `help:"Households of a unit." default:"106"`
	Floors       int           `help:"Floors of a building." default:"27"`
	By           string        `help:"When everything should be delivered." default:"18:00"`
	Seed         uint64        `help:"Random seed; the same seed gives the same answer on every machine." default:"1"`
	Replications int           `help:"How many replications to simulate." default:"100"`
	Exact        bool          `help:"Count each order at its own stop and door, instead of when its cart or climb has ended."`
	JSON         bool          `help:"Print the answer as JSON." name:"json"`
}

type migrateCommand struct{ databaseSettings }

type schemaCommand struct{}

type epochCommand struct{ databaseSettings }

type rekeyCommand struct{ databaseSettings }

type purgeCommand struct {
	databaseSettings
	AfterDays int  `help:"How many days ago the closure must have ended." default:"30" env:"BAOGONG_AFTER_DAYS"`
	DryRun    bool `help:"Only count what would be removed." env:"BAOGONG_DRY_RUN"`
	Batch     int  `help:"Most rows changed in one transaction." default:"1000" env:"BAOGONG_BATCH"`
}

type benchCommand struct {
	Full     bool     `help:"Also a city's peak and growth, which takes long." env:"BAOGONG_BENCH_FULL"`
	Only     []string `help:"Measure only these: ${trials}." env:"BAOGONG_BENCH_ONLY" placeholder:"NAME"`
	Rounds   int      `help:"How often each figure is measured; its median counts." default:"3" env:"BAOGONG_BENCH_ROUNDS"`
	Scale    float64  `help:"Factor for the table's sockets, orders and times; figures at different scales cannot be compared." default:"1" env:"BAOGONG_BENCH_SCALE"`
	JSON     string   `help:"Write the figures and the machine to a file as JSON." env:"BAOGONG_BENCH_JSON" name:"json" placeholder:"FILE" type:"path"`
	Write    string   `help:"Page in which to replace the last table." env:"BAOGONG_BENCH_WRITE" placeholder:"FILE" type:"path"`
	Postgres string   `help:"Folder that holds postgres and initdb, and pgbench for the yardsticks; found by itself without it." env:"BAOGONG_POSTGRES" placeholder:"FOLDER" type:"path"`
}

type benchPartCommand struct {
	databaseSettings
	Part string `arg:"" enum:"sockets,bare,stock"`
}
