// Package delivery holds the nouns of the chain and their rules: orders and their stages, people and places, permissions,
// and events.
//
// It imports only the standard library and Unicode's normal forms, and does no input or output, so each rule can be read and
// tested alone. Start with stage.go.
package delivery
