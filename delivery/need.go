package delivery

import (
	"fmt"
	"slices"
	"strings"
)

// Need is something a household needs that changes how it is served (docs/domain.md).
type Need string

// The needs.
const (
	NeedElderlyAlone    Need = "ELDERLY_ALONE"
	NeedDisabled        Need = "DISABLED"
	NeedChronicMedicine Need = "CHRONIC_MEDICINE"
	NeedInfant          Need = "INFANT"
	NeedPregnant        Need = "PREGNANT"
	NeedDialysis        Need = "DIALYSIS"
	NeedQuarantined     Need = "QUARANTINED"
	NeedNoSmartphone    Need = "NO_SMARTPHONE"
	NeedPet             Need = "PET"
)

// AllNeeds lists every need.
var AllNeeds = []Need{NeedElderlyAlone, NeedDisabled, NeedChronicMedicine, NeedInfant, NeedPregnant,
	NeedDialysis, NeedQuarantined, NeedNoSmartphone, NeedPet}

// Valid reports that n is a known need.
func (n Need) Valid() bool { return slices.Contains(AllNeeds, n) }

// Needs is a household's needs, as the database's text[] reads and writes them.
type Needs []Need

// Scan reads a PostgreSQL text[] literal. Needs are bare words, so no quoting occurs.
func (n *Needs) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case []byte:
		text = string(v)
	case string:
		text = v
	case nil:
	default:
		return fmt.Errorf("scan needs from %T", src)
	}
	*n = Needs{}
	if text = strings.Trim(text, "{}"); text == "" {
		return nil
	}
	for word := range strings.SplitSeq(text, ",") {
		*n = append(*n, Need(word))
	}
	return nil
}

// Array is the PostgreSQL text[] literal.
func (n Needs) Array() string {
	words := make([]string, len(n))
	for i, need := range n {
		words[i] = string(need)
	}
	return "{" + strings.Join(words, ",") + "}"
}

// Instruction is what a volunteer should do at the door, and nothing about why.
type Instruction string

// The instructions.
const (
	InstructLeaveAtDoor Instruction = "LEAVE_AT_DOOR_STEP_BACK" // put it down, ring, step back two metres
	InstructWaitLonger  Instruction = "KNOCK_AND_WAIT"          // opening takes time
	InstructCarryInside Instruction = "CARRY_TO_KITCHEN"        // cannot lift it
	InstructCallFirst   Instruction = "CALL_BEFORE"             // no app to tell them
	InstructQuiet       Instruction = "DO_NOT_RING"             // a child sleeps
	InstructByHand      Instruction = "HAND_OVER_IN_PERSON"     // medicine goes into a hand
	InstructMindPet     Instruction = "MIND_THE_PET"
	InstructContactless Instruction = "CONTACTLESS" // the default: leave at the door
)

// Instructions turns needs into what to do at the door. Quarantine overrides whatever means meeting.
func (n Needs) Instructions() []Instruction {
	has := func(need Need) bool { return slices.Contains(n, need) }
	if has(NeedQuarantined) {
		return []Instruction{InstructLeaveAtDoor}
	}
	var out []Instruction
	if has(NeedElderlyAlone) || has(NeedDisabled) {
		out = append(out, InstructWaitLonger)
	}
	if has(NeedDisabled) || has(NeedPregnant) {
		out = append(out, InstructCarryInside)
	}
	if has(NeedNoSmartphone) {
		out = append(out, InstructCallFirst)
	}
	if has(NeedInfant) {
		out = append(out, InstructQuiet)
	}
	if has(NeedChronicMedicine) || has(NeedDialysis) {
		out = append(out, InstructByHand)
	}
	if has(NeedPet) {
		out = append(out, InstructMindPet)
	}
	if len(out) == 0 {
		out = append(out, InstructContactless)
	}
	return out
}
