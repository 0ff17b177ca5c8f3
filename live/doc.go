// Package live delivers events to streams: one hub a process, one feed a community, any number of streams. It knows nothing
// of SQL or GraphQL. Its source of events is an interface, which the program implements with db.
package live
