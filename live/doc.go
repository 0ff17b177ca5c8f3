// Package live is the motion: one feed a community, one hub a process, any number of streams. It knows nothing
// of SQL or GraphQL; its source of events is an interface that main wires to db.
package live
