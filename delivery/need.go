package delivery

import (
	"fmt"
	"slices"
	"strings"
)

// Need is a household's need that changes how it is served (docs/domain.md).
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
	NeedWelfareCall     Need = "WELFARE_CALL" // asked to be called now and then
)

// AllNeeds lists every need.
var AllNeeds = []Need{NeedElderlyAlone, NeedDisabled, NeedChronicMedicine, NeedInfant, NeedPregnant,
	NeedDialysis, NeedQuarantined, NeedNoSmartphone, NeedPet, NeedWelfareCall}

// Valid reports whether n is a known need.
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

// Instruction is what a volunteer should do at the door. It does not say why.
type Instruction string

// The instructions. The schema keeps two more, CONTACTLESS and MIND_THE_PET, which are deprecated and never given.
const (
	InstructLeaveAtDoor Instruction = "LEAVE_AT_DOOR_STEP_BACK" // the default: put it down, ring, step back two metres
	InstructWaitLonger  Instruction = "KNOCK_AND_WAIT"          // opening takes time
	InstructCarryInside Instruction = "CARRY_TO_KITCHEN"        // lifting is hard
	InstructCallFirst   Instruction = "CALL_BEFORE"             // the app cannot notify them, or they may be out
	InstructQuiet       Instruction = "DO_NOT_RING"             // knock softly
	InstructByHand      Instruction = "HAND_OVER_IN_PERSON"     // it must not be left at the door
)

// handling maps groups of needs to instructions. Each group has several needs, so that no set of instructions proves one
// need (decision 0028).
var handling = []struct {
	needs        []Need
	instructions []Instruction
}{
	{[]Need{NeedElderlyAlone, NeedDisabled, NeedPregnant}, []Instruction{InstructWaitLonger, InstructCarryInside}},
	{[]Need{NeedNoSmartphone, NeedChronicMedicine, NeedDialysis}, []Instruction{InstructCallFirst, InstructByHand}},
	{[]Need{NeedInfant, NeedPet}, []Instruction{InstructQuiet}},
}

// Instructions returns what to do at the door for the needs. Quarantine overrides instructions that involve meeting: the
// household is served without contact, like one without needs.
func (n Needs) Instructions() []Instruction {
	if slices.Contains(n, NeedQuarantined) {
		return []Instruction{InstructLeaveAtDoor}
	}
	var out []Instruction
	for _, h := range handling {
		if slices.ContainsFunc(h.needs, func(need Need) bool { return slices.Contains(n, need) }) {
			out = append(out, h.instructions...)
		}
	}
	if len(out) == 0 {
		out = append(out, InstructLeaveAtDoor)
	}
	return out
}
