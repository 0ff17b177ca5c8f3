// Package delivery holds the nouns of the chain and the rules they live by: the orders and their
// stages, the people and places around them, who may see and do what, and the events that record it.
//
// It imports only the standard library and Unicode's normal forms, and does no input or output, so every rule can be read and
// tested by itself. Start with stage.go.
package delivery
