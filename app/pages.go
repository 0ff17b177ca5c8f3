package app

import (
	"context"

	"baogong/web"
)

// appPages are the pages of the front end by their addresses.
func appPages(desk web.Desk) map[string]web.AppPage {
	given := func(context.Context) web.Given {
		g := web.Given{Actors: desk.Actors}
		if desk.TimeOfDay != nil {
			chinese, english := desk.TimeOfDay()
			g.TimeOfDay = []string{chinese, english}
		}
		if desk.Clock != nil {
			clock := desk.Clock()
			g.Clock = &clock
		}
		return g
	}
	pages := map[string]web.AppPage{
		"/sign-in":   {Name: "signin", Title: "登录 · Sign in", Secret: true},
		"/my":        {Name: "my", Title: "我的订单 · My orders", Offline: web.OfResidents},
		"/supplier":  {Name: "supplier", Title: "供货 · Supply"},
		"/board":     {Name: "board", Title: "指挥台 · Board"},
		"/city":      {Name: "city", Title: "全市 · City"},
		"/desk":      {Name: "desk", Title: "电话台 · Phone desk"},
		"/gate":      {Name: "gate", Title: "门口收货 · Gate desk", Offline: web.OfSquads},
		"/sorting":   {Name: "sorting", Title: "分拣 · Sorting", Offline: web.OfSquads, Camera: true},
		"/cart":      {Name: "cart", Title: "运输 · Cart", Offline: web.OfSquads},
		"/round":     {Name: "round", Title: "上楼投递 · My round", Offline: web.OfSquads},
		"/setup":     {Name: "setup", Title: "小区设置 · Set-up"},
		"/print/":    {Name: "print", Title: "分拣单与标签 · Manifest and labels"},
		"/shopping":  {Name: "shopping", Title: "购物清单 · Shopping list"},
		"/report":    {Name: "report", Title: "日报 · Daily report"},
		"/rehearsal": {Name: "rehearsal", Title: "流程模拟 · Rehearsal"},
		"/needs":     {Name: "needs", Title: "需求 · Needs"},
		"/cards":     {Name: "cards", Title: "住户卡 · Household cards"},
	}
	for path, page := range pages {
		page.Title += " · 保供 Baogong"
		page.Given = given
		pages[path] = page
	}
	return pages
}
