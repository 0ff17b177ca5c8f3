package delivery

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
