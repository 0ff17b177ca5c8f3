package delivery

// EnquiryKind is what an enquiry is about.
type EnquiryKind string

// The kinds of enquiry.
const (
	EnquiryQuestion  EnquiryKind = "QUESTION"
	EnquiryOrder     EnquiryKind = "ORDER"
	EnquiryErrand    EnquiryKind = "ERRAND"
	EnquiryComplaint EnquiryKind = "COMPLAINT"
	EnquiryWelfare   EnquiryKind = "WELFARE"
	EnquiryCallBack  EnquiryKind = "CALL_BACK"
)

// EnquiryKinds lists the kinds.
var EnquiryKinds = []EnquiryKind{EnquiryQuestion, EnquiryOrder, EnquiryErrand, EnquiryComplaint, EnquiryWelfare, EnquiryCallBack}

// EnquiryWay is how an enquiry reached the team.
type EnquiryWay string

// The ways.
const (
	WayPhone EnquiryWay = "PHONE"
	WaySMS   EnquiryWay = "SMS"
	WayGate  EnquiryWay = "GATE"
	WayApp   EnquiryWay = "APP"
	WayVisit EnquiryWay = "VISIT"
)

// EnquiryWays lists the ways.
var EnquiryWays = []EnquiryWay{WayPhone, WaySMS, WayGate, WayApp, WayVisit}

// EnquiryState is how far an enquiry is.
type EnquiryState string

// The states of an enquiry.
const (
	EnquiryWaiting EnquiryState = "WAITING"
	EnquiryTaken   EnquiryState = "TAKEN"
	EnquiryClosed  EnquiryState = "CLOSED"
)

// EnquiryStates lists the states.
var EnquiryStates = []EnquiryState{EnquiryWaiting, EnquiryTaken, EnquiryClosed}

// EnquiryOutcome is how an enquiry ended.
type EnquiryOutcome string

// The outcomes.
const (
	OutcomeAnswered    EnquiryOutcome = "ANSWERED"
	OutcomeOrdered     EnquiryOutcome = "ORDERED"
	OutcomePassedOn    EnquiryOutcome = "PASSED_ON"
	OutcomeUnreachable EnquiryOutcome = "UNREACHABLE"
	OutcomeNotNeeded   EnquiryOutcome = "NOT_NEEDED"
)

// EnquiryOutcomes lists the outcomes.
var EnquiryOutcomes = []EnquiryOutcome{OutcomeAnswered, OutcomeOrdered, OutcomePassedOn, OutcomeUnreachable, OutcomeNotNeeded}

// In returns the text in the locale.
func (b Bilingual) In(l Locale) string {
	if l == Chinese {
		return b.Chinese
	}
	return b.English
}

// scripts are what the phone desk says first, by the kind of enquiry.
var scripts = map[EnquiryKind]Bilingual{
	EnquiryQuestion:  {"您好，这里是小区保障队。您问的事，我来答复您。", "Hello, this is the support team of the estate. I am calling to answer your question."},
	EnquiryOrder:     {"您好，这里是小区保障队。您想订些什么？我边记边念给您核对。", "Hello, this is the support team of the estate. What would you like to order? I will read it back to you."},
	EnquiryErrand:    {"您好，这里是小区保障队。您需要我们代办什么？需要哪些证件？", "Hello, this is the support team of the estate. What can we do for you, and which papers does it need?"},
	EnquiryComplaint: {"您好，这里是小区保障队。您反映的情况我们记下了，请您再说说经过。", "Hello, this is the support team of the estate. We have noted your complaint; please tell me what happened."},
	EnquiryWelfare:   {"您好，这里是小区保障队，来问候您。您身体怎么样？药和菜还够几天？有没有要帮忙的？", "Hello, this is the support team of the estate; we wanted to ask how you are. For how many days do you have medicine and food? Is there anything we can do?"},
	EnquiryCallBack:  {"您好，这里是小区保障队，按约给您回电。", "Hello, this is the support team of the estate, calling back as agreed."},
}

// Script is what the phone desk says first, in both languages.
func (e *Enquiry) Script() Bilingual { return scripts[e.Kind] }
