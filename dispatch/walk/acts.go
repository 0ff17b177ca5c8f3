package walk

import (
	"time"
)

// act is a kind of act: how often it is chosen, and how it is chosen. choose returns nil if there is no row that it could be about.
type act struct {
	weight int
	choose func() *Act
}

// acts returns the kinds of acts by verb.
func (w *Walker) acts() map[string]act {
	all := map[string]act{
		"placeOrder":          {14, w.placeOrder},
		"advanceOrders":       {10, w.advanceOrders},
		"cancelOrder":         {2, w.cancelOrder},
		"undoMove":            {7, w.undoMove},
		"placeHold":           {3, w.placeHold},
		"releaseHold":         {4, w.releaseHold},
		"announceArrival":     {4, w.announceArrival},
		"arrive":              {3, w.arrive},
		"receiveArrival":      {8, w.receiveArrival},
		"cancelArrival":       {1, w.cancelArrival},
		"logStrays":           {3, w.logStrays},
		"closeStrays":         {3, w.closeStrays},
		"sortOrders":          {8, w.sortOrders},
		"createBins":          {1, w.createBins},
		"updateBins":          {1, w.updateBins},
		"startRun":            {4, w.startRun},
		"loadRun":             {7, w.loadRun},
		"departRun":           {3, w.departRun},
		"dropAtBuilding":      {5, w.dropAtBuilding},
		"acceptDrop":          {4, w.acceptDrop},
		"finishRun":           {2, w.finishRun},
		"cancelRun":           {1, w.cancelRun},
		"startRound":          {6, w.startRound},
		"handOver":            {9, w.handOver},
		"endRound":            {2, w.endRound},
		"confirmReceipt":      {4, w.confirmReceipt},
		"dispute":             {2, w.dispute},
		"reportIncidents":     {3, w.reportIncidents},
		"takeIncidents":       {3, w.takeIncidents},
		"resolveIncidents":    {3, w.resolveIncidents},
		"setTargets":          {2, w.setTargets},
		"createTasks":         {2, w.createTasks},
		"finishTasks":         {3, w.finishTasks},
		"publishNotice":       {2, w.publishNotice},
		"markNoticesSeen":     {3, w.markNoticesSeen},
		"markNoticeTold":      {2, w.markNoticeTold},
		"importOrders":        {2, w.importOrders},
		"settleImportRows":    {2, w.settleImportRows},
		"updateVolunteers":    {2, w.updateVolunteers},
		"updateCommunities":   {1, w.updateCommunities},
		"updateBuildings":     {1, w.updateBuildings},
		"updateHouseholds":    {1, w.updateHouseholds},
		"updateSuppliers":     {1, w.updateSuppliers},
		"savePackages":        {3, w.savePackages},
		"openWindow":          {4, w.openWindow},
		"saveScenario":        {2, w.saveScenario},
		"archiveScenario":     {1, w.archiveScenario},
		"releaseReserve":      {1, w.releaseReserve},
		"decideWindow":        {3, w.decideWindow},
		"amendOrder":          {4, w.amendOrder},
		"recordMoney":         {5, w.money},
		"settleMoney":         {3, w.settleMoney},
		"takeDocuments":       {3, w.takeDocuments},
		"returnDocuments":     {3, w.returnDocuments},
		"answerErrand":        {2, w.answerErrand},
		"planShifts":          {3, w.planShifts},
		"checkIn":             {3, w.checkIn},
		"checkOut":            {1, w.checkOut},
		"logEnquiry":          {4, w.logEnquiry},
		"takeEnquiry":         {4, w.takeEnquiry},
		"postponeEnquiry":     {2, w.postponeEnquiry},
		"closeEnquiry":        {3, w.closeEnquiry},
		"setWebhooks":         {2, w.setWebhooks},
		"resendParked":        {3, w.resendParked},
		"rotateWebhookSecret": {1, w.rotateWebhookSecret},
		Send:                  {4, w.send},
	}
	if w.Clock {
		all[Tick] = act{6, func() *Act { return &Act{Pass: time.Duration(w.rng.IntN(15)) * w.Minute} }}
		all[Deliver] = act{3, w.deliver}
	}
	return all
}
