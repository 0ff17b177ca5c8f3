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
	return map[string]web.AppPage{
		"/sign-in":  {Name: "signin", Title: "登录 · Sign in · 保供 Baogong", Secret: true, Given: given},
		"/desk":     {Name: "desk", Title: "电话台 · Phone desk · 保供 Baogong", Given: given},
		"/board":    {Name: "board", Title: "指挥台 · Board · 保供 Baogong"},
		"/city":     {Name: "city", Title: "全市 · City · 保供 Baogong"},
		"/my":       {Name: "my", Title: "我的订单 · My orders · 保供 Baogong", Given: given},
		"/supplier": {Name: "supplier", Title: "供货 · Supply · 保供 Baogong", Given: given},
		"/round":    {Name: "round", Title: "上楼投递 · My round · 保供 Baogong", Offline: true},
		"/gate":     {Name: "gate", Title: "门口收货 · Gate desk · 保供 Baogong", Offline: true},
		"/sorting":  {Name: "sorting", Title: "分拣 · Sorting · 保供 Baogong", Offline: true, Camera: true},
		"/cart":     {Name: "cart", Title: "运输 · Cart · 保供 Baogong", Offline: true},
	}
}
