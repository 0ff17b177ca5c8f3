package main

import (
	"log/slog"
	"time"
)

// settings is every setting, as a flag and an environment variable. Kong writes the help from it.
type settings struct {
	Demo    demoCommand    `cmd:"" help:"Start everything with the demonstration estate, whose orders move. 启动演示小区。"`
	Serve   serveCommand   `cmd:"" help:"Start the server. 启动服务。"`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema up to date and exit. 升级数据库结构后退出。"`
	Epoch   epochCommand   `cmd:"" help:"After a restore from backup: start a new epoch of every feed, so that no old cursor is taken for a new one. 从备份恢复后运行。"`
	Purge   purgeCommand   `cmd:"" help:"Remove the personal data of communities whose closure has ended, and exit; numbers and the feed stay. 清除已结束封闭小区的个人信息。"`

	LogLevel slog.Level `help:"Least level of what is logged: debug, info, warn, error." default:"info" env:"BAOGONG_LOG_LEVEL"`
}

// databaseSettings say where the rows are.
type databaseSettings struct {
	DatabaseURL string `help:"A PostgreSQL of your own (15 or newer): postgres://user:password@host/database?sslmode=… Without it a private one is started below --data." env:"DATABASE_URL" placeholder:"URL"`
	ListenURL   string `help:"Where to LISTEN, if --database-url goes through a pooler: LISTEN needs a direct connection." env:"BAOGONG_LISTEN_URL" placeholder:"URL"`
	Pooler      bool   `help:"Keep no prepared statements: needed behind a pooler in transaction mode, with binary_parameters=yes in the URL." env:"BAOGONG_POOLER"`
	Connections int    `help:"Most connections to the database at once." default:"20" env:"BAOGONG_CONNECTIONS"`
	Data        string `help:"Folder of the private PostgreSQL." default:".baogong" env:"BAOGONG_DATA" type:"path"`
	Postgres    string `help:"Folder that holds postgres and initdb; found by itself without it." env:"BAOGONG_POSTGRES" placeholder:"FOLDER" type:"path"`
}

// serverSettings say how to be reached, and how much one peer may take.
type serverSettings struct {
	Addr        string        `help:"Where to listen: host:port; port 0 takes a free one." default:"localhost:8080" env:"BAOGONG_ADDR"`
	Origins     []string      `help:"Further origins whose pages may open a WebSocket, such as https://board.example." env:"BAOGONG_ORIGINS" placeholder:"ORIGIN"`
	Sockets     int           `help:"Most WebSockets and event streams at once." default:"20000" env:"BAOGONG_SOCKETS"`
	BodyBytes   int64         `help:"Largest request body, in bytes." default:"1048576" env:"BAOGONG_BODY_BYTES"`
	QueryTokens int           `help:"Most tokens of a GraphQL document." default:"1500" env:"BAOGONG_QUERY_TOKENS"`
	Complexity  int           `help:"Highest cost of an operation: fields, those below a page once for each item." default:"20000" env:"BAOGONG_COMPLEXITY"`
	RequestTime time.Duration `help:"Longest a query or mutation may take." default:"30s" env:"BAOGONG_REQUEST_TIME"`
	WriteTime   time.Duration `help:"Longest a write to a client may take before it is closed." default:"10s" env:"BAOGONG_WRITE_TIME"`
	SlowAfter   time.Duration `help:"How long a subscriber may take nothing while something waits." default:"5s" env:"BAOGONG_SLOW_AFTER"`
	Poll        time.Duration `help:"How often the feed is looked at without being told." default:"1s" env:"BAOGONG_POLL"`
	Ring        int           `help:"Events a community keeps in memory." default:"32768" env:"BAOGONG_RING"`
	DrainTime   time.Duration `help:"Longest an orderly stop may take." default:"10s" env:"BAOGONG_DRAIN_TIME"`
	DevActors   bool          `help:"Let anybody be anybody: Authorization: Bearer dev:<name>. Never where real people are served." env:"BAOGONG_DEV_ACTORS"`
}

type serveCommand struct {
	databaseSettings
	serverSettings
}

type demoCommand struct {
	databaseSettings
	serverSettings
	Speed string `help:"How many times faster than real the days pass; max as fast as they can." default:"60" env:"BAOGONG_SPEED"`
	Days  int    `help:"Stop after so many days and print what was done; 0 runs until stopped." default:"0" env:"BAOGONG_DAYS"`
	Seed  uint64 `help:"Repeatable chance." default:"1" env:"BAOGONG_SEED"`
}

type migrateCommand struct{ databaseSettings }

type epochCommand struct{ databaseSettings }

type purgeCommand struct {
	databaseSettings
	AfterDays int  `help:"How many days ago the closure must have ended." default:"30" env:"BAOGONG_AFTER_DAYS"`
	DryRun    bool `help:"Only count what would be removed." env:"BAOGONG_DRY_RUN"`
	Batch     int  `help:"Most rows changed in one transaction." default:"1000" env:"BAOGONG_BATCH"`
}
