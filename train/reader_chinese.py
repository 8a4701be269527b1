"""Chinese: how people ask an assistant for mail, calendar, tasks, notes and contacts."""

from __future__ import annotations

import random

from train.reader_chinese_words import KINDS, MACROS
from train.reader_requests import Language

_PATTERNS: dict[str, str] = {}

_PATTERNS["event_create"] = """
<when:point><title:title>
<when:point>，<title:title>
<when:point><title:title>，<duration:dur>
<when:point>(在|去|到)<place:place><title:title>
<when:point>有(个|一个|场|)<title:title>，{note}
<when:point><title:title>，{note}
<when:point><title:title>{note}
{put}<when:point><title:title>
{put}<when:point>的<title:title>
{put}<title:title>，<when:point>
{put}(个|一个|一场)<title:title>，<when:point>，(时长|)<duration:dur>
{put}(个|一个)<title:title>(，|)时间(是|定在|)<when:point>
{put}<when:point>(到|至){clock}<title:title>
(新建|创建|添加|新增|加|建)(一个|个|)(日程|会议|活动|安排|事件)：<title:title>，<when:point>
(新建|创建|添加|新增|加|建)(一个|个|)(日程|会议|活动|安排)，<when:point><title:title>
(新建|创建|添加|新增|加|建)(一个|个|)<when:point>的<title:title>
在日历(上|里|中)(加|添加|记|写)(一个|个|上|)<when:point><title:title>
把<title:title>(加到|放到|记到|写进|排到)日历(里|上|)，<when:point>
把<when:point>的<title:title>(加到|放到|记到|写进)日历(里|上)
(安排|约|定|预约)(一个|个|一场|)<when:point>的<title:title>
(帮我|)(安排|定)<when:point>(跟|和|与)<people:person><title:withact>
<when:point>(跟|和|与|同)<people:person><title:withact>
<when:point>(跟|和|与|同)<people:person><title:withact>，<duration:dur>
<when:point>(跟|和|与)<people:person>在<place:place><title:withact>
<when:point>(跟|和|与)<people:person><title:withact>，(加到日历|记到日历上|帮我记一下|排进去)
(约|帮我约)<people:person><when:point><title:withact>
(约|帮我约|请约一下|约一下)<people:person><title:withact>
(约|帮我约)<people:person>(过一下|聊聊|讨论)<title:topic>
<when:point>约<people:person><title:withact>，(<duration:dur>|{clock}结束)
<when:point>约<attendees:person><title:withact>，(给|发邀请给)(他|她|他们|对方)(发邀请|)
<when:point>约<people:person><title:withact>，{clock}结束，发邀请给<attendees:pron>
(邀请|请|叫上)<attendees:people>(参加|来)<when:point>的<title:title>
<when:point>开<title:meeting>，(邀请|叫上|拉上|通知)<attendees:people>
{put}<when:point>的<title:title>，并(邀请|给)<attendees:people>(参加|发邀请)
<when:point><title:title>，(提前|会前)<alarm:dur>(提醒|叫|通知)我
{put}<when:point><title:title>，提前<alarm:dur>提醒我
<when:recurring><title:title>
<when:recurring><title:title>，<duration:dur>
<when:recurring>(有|开|上|去)<title:title>，{note}
{put}<when:recurring>的<title:title>
从<when:recurring><title:title>，<duration:dur>
<when:days>(我|)(去|在)<title:trip>，{note}
<when:days>(我|)(出差|休假|请假|旅游)<title:trip>，全天
<when:day>(那天|)全天(标|标记|写)(一下|上|)<title:title>
<when:day><title:title>，全天
把<when:range>(留出来|空出来|留给我|占上|锁定)(，|)(用来|)<title:activity>
<when:range>(我要|留给)<title:activity>，别(让人约|安排别的)
{ramble}，<when:point>(不是|)要<title:title>(吗|)，(你给我|帮我|)记到日历上
{ramble}，<when:point>(跟|和)<people:person><title:withact>，<place:place>，{note}
<when:evrel><title:title>
<when:evrel>(加|安排|排)(一个|个|)<title:title>
<when:point>(去|到)<place:place>(接|送|找|见)<title:who>，(记日历里|记一下|{note})
<title:title>(定在|改定在|安排在)<when:point>了，{note}
<title:title> <when:point> <place:place>
<title:title> <when:point>
(地点|在)<place:place>，<when:point>，<title:title>，{note}
"""

_PATTERNS["event_change"] = """
把<event:event>(改到|挪到|移到|调到|推到|换到|改成|延到)<when:point>
把<event:event>(改|挪|移|调|换)(到|成)<when:point>(吧|，谢谢|，可以吗|)
<event:event>(改到|挪到|移到|调到|推到|换到|改成|改期到|延期到|推迟到|提前到)<when:point>
<event:event>(改到|挪到|换到)<when:point>，还是{clock}
<event:event>(改到|挪到)<when:point>，(时间|钟点)不变
<event:event>(改到|挪到|改成)<when:point>，就这一次 ## scope=this
(只|就)(改|挪)这一次：<event:event>(改到|到)<when:point> ## scope=this
(以后|从现在起|今后)<event:event>都(改到|改成|挪到)<when:point> ## scope=following
所有的<event:event>都(改到|改成)<when:point> ## scope=all
把<event:event>往后(推|挪|延|移)<shift:dur> ## sign=later
<event:event>往后(推|挪|延|移)<shift:dur> ## sign=later
<event:event>(推迟|延后|延迟|晚|顺延|推后)<shift:dur>(吧|开始|) ## sign=later
把<event:event>(推迟|延后|延迟|顺延)<shift:dur> ## sign=later
<event:event>(提前|早)<shift:dur>(吧|开始|) ## sign=earlier
把<event:event>(提前|往前挪|往前移|往前调)<shift:dur> ## sign=earlier
<event:event>(延长|多加|加|拉长)<lengthen:dur> ## sign=later
把<event:event>(延长|加长)<lengthen:dur> ## sign=later
<event:event>(缩短|减少|砍掉)<lengthen:dur> ## sign=earlier
把<event:event>(缩短|减)<lengthen:dur> ## sign=earlier
<event:event>(改成|缩短到|延长到|只要|只开)<duration:dur>
<event:event>开到<when:clock>
<event:event>(改在|换到|地点改成|地点换成|挪到|搬到)<place:place>(开|了|)
把<event:event>的(地点|位置|会议室)(改成|改到|换成|设为)<place:place>
<event:event>在<place:place>，(加上|记上|补上)
<event:event>的地点是<place:place>
把<event:event>(改名为|改名叫|改叫|标题改成|名字改成)<title:title>
<event:event>(提前|前)<alarm:dur>(提醒|叫|通知)我
(在|)<event:event>(之前|前)<alarm:dur>(提醒|叫)我(一下|)
给<event:event>(设|加|设置)(个|一个)提前<alarm:dur>的提醒
<event:event>提醒(改成|设成|设为)提前<alarm:dur>
<event:event>(改时间了|改期了)，(改到|现在是|变成)<when:point>
<event:event>(不在|不是){day}了，(改到|是)<when:point>
<event:event>能不能(改到|换到|挪到)<when:point>
(能不能|可以|可不可以)把<event:event>(改到|换到|挪到)<when:point>
{ramble}，<event:event>(改到|挪到)<when:point>(吧|)
{person}说<event:event>要(晚|推迟)<shift:dur>，(帮我改|改)一下 ## sign=later
{person}说<event:event>要改到<when:point>，(帮我改|改)一下
<event:event>(上到|开到|到|办到)<until:day>(就|为止就|)(不上了|结束|停了|没了|为止)
<event:event>(到|截止到)<until:day>为止
<until:day>之后(就|)没有<event:event>了
<event:event>(重新安排|改约|另约)(到|在|)<when:point>
调整(一下|)<event:event>(时间|)到<when:point>
<event:event>移到<when:point>行吗
帮我改一下<event:event>的时间
"""

_PATTERNS["event_cancel"] = """
(取消|删掉|删除|去掉|撤掉)<event:event>
把<event:event>(取消|删掉|删了|去掉|取消掉|撤了|划掉)(吧|了|)
<event:event>(取消|取消了|取消吧|取消掉|不去了|不开了|不上了|删掉|删了)
<event:event>(帮我|给我)(取消|取消掉|删掉|推掉)(吧|)
<event:event>(帮我|)取消掉(吧|)就这一次 ## scope=this
<event:event>(取消|不去了|不上了)，(就|只)(这一次|这次|这一回) ## scope=this
<event:event>(取消|停)一次 ## scope=this
(只|就)(取消|删)(这次|这一次)的<event:event> ## scope=this
<event:event>(以后|从此|今后)都(取消|不开|不上|不要)了 ## scope=all
(取消|删除)(所有|全部|整个系列的)<event:event> ## scope=all
(从下周起|从现在开始|以后)<event:event>都(取消|不去)了 ## scope=following
<event:event>我(去不了|不去了|参加不了|来不了)，(帮我取消|取消吧|删了吧|取消)
{ramble}，<event:event>(取消吧|取消掉|不去了|就不去了)
{person}(病了|来不了|有事)，<event:event>取消(吧|)
不用<event:event>了，(删掉|取消)
把<event:event>从日历(里|上)(删掉|去掉|拿掉)
"""

_PATTERNS["event_search"] = """
(我|)<when:day>有(什么|啥|哪些)(安排|日程|会|会议|事|活动)(吗|)
<when:day>(我|)(有什么安排|都有什么事|忙什么|有会吗|有事吗|有没有安排|有没有会|要干嘛)
(看看|查看|查一下|看一下|说说|告诉我)(我|)<when:day>的(日程|安排|日历|会议|行程)
<when:day>的(日程|安排|行程)(是什么|有哪些|是怎样的|)
<when:day>有(几个|多少)(会|会议|安排|日程)
<event:event>(是|在)(什么时候|几点|几号|哪天|星期几|周几)(来着|)
<event:event>(什么时候|几点|几号|哪天)(开始|结束|来着|)
<event:event>(在|是在)(哪|哪里|哪儿|什么地方|哪个会议室)(来着|开|)
<event:event>(要|)(多久|多长时间|开多久|几个小时)
<event:event>(都|)有(谁|哪些人)(参加|来|)
(什么时候|几点|哪天)(跟|和|与)<people:person>(开会|见面|吃饭|有约)
(我|)<when:day>(跟|和)<people:person>有(约|会|安排)吗
(下一个|下个|接下来的|最近的)(会|会议|日程|安排)(是什么|是什么时候|几点|在哪)
<when:day>第一个(会|安排)(是什么|几点)
(下次|上次|最近一次)<about:activity>(是|)(什么时候|几号|哪天)
<when:day>还有(什么|别的)(安排|会|事)(吗|)
<when:day>有没有<about:activity>
我(几点|什么时候)(的|有|坐)<about:travel>
(查一下|看下|找一下|看看)<event:event>
"""

_PATTERNS["event_invite"] = """
(邀请|请|叫上|拉上)<attendees:people>(参加|来参加|来|加入)<event:event>
把<attendees:people>(加到|拉到|拉进|加进)<event:event>(里|中|)
<event:event>(也|)(邀请|叫上|拉上|加上)<attendees:people>
给<attendees:people>发(个|一个|)<event:event>的(邀请|会议邀请)
<event:event>发邀请给<attendees:people>
(让|喊)<attendees:people>(也|)(来|参加)<event:event>，发(个|)邀请
"""

_PATTERNS["invitation_answer"] = """
(接受|同意|答应)<mail:invite> ## answer=accept
<mail:invite>(帮我|)(接受|同意|接了|确认)(一下|吧|掉|) ## answer=accept
把<mail:invite>(接受|确认|接)(了|一下|) ## answer=accept
(拒绝|婉拒|推掉|谢绝)<mail:invite> ## answer=decline
<mail:invite>(帮我|)(拒绝|推掉|拒了|婉拒|回绝)(一下|吧|掉|) ## answer=decline
<mail:invite>我(去不了|不参加|没空)，(帮我拒了|拒绝|推掉) ## answer=decline
<mail:invite>(回复|先回|标)(待定|可能去|暂定) ## answer=tentative
<mail:invite>我(去|参加|会去)，(接受|确认)(一下|) ## answer=accept
(拒绝|推掉)<mail:invite>，说<body:body> ## answer=decline
(接受|同意)<mail:invite>，说<body:body> ## answer=accept
"""

_PATTERNS["free_time"] = """
(我|)<when:range>(有空|有时间|空闲|忙)(吗|不|么)
(我|)<when:range>(有没有空|有没有时间|是不是有空|忙不忙|空不空)
(我|)<when:day>(什么时候|几点|哪个时间|哪段时间)(有空|空闲|有时间|空着)
<when:day>(有没有|能不能找)<duration:dur>(的|)(空|空闲|空档|时间)
(帮我|)(找|看看)<when:day>(有没有|)(一个|)<duration:dur>的(空档|空闲时间|空)
(帮我看看|查一下|看看)<when:range>(有没有空|是不是空着|有空吗|能不能安排)
<when:range>(可以|能)(安排|约)(事情|会|)吗
我(什么时候|哪天|最近哪天)有空
"""

_PATTERNS["conflicts"] = """
(我|)<when:day>(有没有|有)(冲突|撞车|重叠|时间冲突)(的会|的安排|的日程|)(吗|)
<when:day>的(会|日程|安排)(有没有|会不会|)(冲突|撞|重叠)(吗|)
(检查|看看|查)(一下|)<when:day>(有没有|的)(冲突|重叠|撞车)(的安排|)
<when:day>哪些(会|日程)(冲突|撞|重叠)了
"""

_PATTERNS["travel_time"] = """
(去|到)<place:place>要多久
从<origin:place>(去|到)<place:place>(要|需要)(多久|多长时间)
(走路|步行)(去|到)<place:place>要多久 ## by=foot
(开车|打车)(去|到)<place:place>要(多久|多长时间) ## by=car
(骑车|骑自行车)(去|到)<place:place>要多久 ## by=bicycle
(坐地铁|坐公交|坐车)(去|到)<place:place>要多久 ## by=transit
(我|)(几点|什么时候)(出发|出门|走)(才能|)(赶上|赶得上|参加)<event:event>
(去|参加)<event:event>(几点|什么时候)(出发|出门)
<place:place>(有|)多远
"""

_PATTERNS["task_create"] = """
提醒我<title:todo>
<when:point>提醒我<title:todo>
<when:point>提醒(我|一下|我一下)(要|)<title:todo>
提醒我<when:point><title:todo>
提醒我<when:point>要<title:todo>
(记得|到时候|)<when:point>(叫|喊|通知)我<title:todo>
<when:recurring>提醒我<title:todo>
提醒我<when:recurring><title:todo>
<when:evrel>提醒我<title:todo>
<when:point>(别忘了|不要忘了|别让我忘了|记得)<title:todo>
(别让我忘了|别忘了提醒我)<when:point><title:todo>
(设|设置|加|建|新建|添加)(一个|个|)(提醒|闹钟)：<when:point><title:todo>
(设|设置|加|建|新建|添加)(一个|个|)<when:point>(的|)<title:todo>(的|)提醒
(加|添加|新建|建|记|增加)(一个|个|一条|条|)(待办|任务|todo)(：|，|:|)<title:todo>
(加|添加|新建|建|记)(一个|个|一条|条|)(待办|任务)(：|，|)<title:todo>，<when:point>(前|之前|截止|到期|)
待办：<title:todo>
待办 <title:todo>
todo <title:todo>
把<title:todo>(加到|加进|放到|写进|列入)(待办|待办清单|任务清单|任务列表|任务)(里|中|)
我(要|得|需要|还得)<when:point><title:todo>，(提醒我|记个待办|别让我忘了|到时叫我)
<when:point>(我|)(要|得|该)<title:todo>，(提醒我|记一下待办|加个提醒)
再<when:point>提醒我<title:todo>
<when:evrel><title:todo>，提醒我
<when:point>(叫我起床|叫醒我)
(会前|开会前|出门前)<when:dur>提醒我<title:todo>
"""

_PATTERNS["task_change"] = """
<task:task>(那个|这个|那条|)(待办|任务|提醒)，(截止日期|截止时间|到期日|时间|期限)(定到|改到|改成|设为|延到|推到)<when:point>
把<task:task>(那个|这个|的|那条|)(待办|任务|提醒|)(推到|改到|延到|挪到|推迟到)<when:point>
<task:task>(的|)(截止日期|截止时间|期限|deadline)(改到|改成|是|延到|推到|定到)<when:point>
<task:task>(那条|这个|)(待办|任务)(推迟|延后|晚)<shift:dur> ## sign=later
把<task:task>(那条|这个|那个)(待办|任务)(改成|改名为|改为)<title:todo>
<task:task>(改|换)(到|成)<when:point>(再|)(提醒|做)(我|)
<task:task>(那个|)提醒(往后|)(推|挪|延)<shift:dur> ## sign=later
"""

_PATTERNS["task_done"] = """
<task:task>(做完了|完成了|写完了|搞定了|办好了|弄好了|已经做了)
<task:task>(做完了|完成了|写完了|搞定了|办好了|弄好了)，(那条|那个|)(待办|任务|)(勾掉|划掉|打勾|标记完成|标完成)(吧|)
(勾掉|划掉|完成)<task:task>(那条|那个|这条|)(待办|任务|)
把<task:task>(那条|那个|这个|)(待办|任务|)(勾掉|划掉|打勾|标记为完成|标成完成|标为已完成|勾了)
<task:task>(那条|那个)(待办|任务)(勾掉|划掉|完成了|做完了|可以勾了)
我(已经|)<task:taskpast>了，(勾掉|划掉|打个勾|待办勾掉|标记完成)(吧|)
<task:taskpast>了 (那条|)(待办|)(勾掉|划掉)
"""

_PATTERNS["task_delete"] = """
(删掉|删除|去掉|取消)<task:task>(那个|这个|那条|的|)(待办|任务|提醒)
把<task:task>(那个|这个|那条|的)(待办|任务|提醒)(删了|删掉|去掉|取消)
不用<task:task>了，(待办|提醒|任务)(删了|删掉)
<task:task>(那个|那条)(待办|任务)不(用|要)了，删(了|掉)
"""

_PATTERNS["task_search"] = """
(我|)(还有|有)(哪些|什么|啥)(待办|任务|没做的事|事没做)
<when:day>(我|)(还有|有|要做)(哪些|什么)(待办|任务|事要做)
(看看|列出|列一下|查看|念一下)(我的|)(待办|待办清单|任务列表|任务)
<when:day>(到期|截止)的(待办|任务)(有哪些|)
<task:task>(做了没|完成了吗|做完没有|什么时候截止|什么时候到期|是什么时候的)
(有没有|有)(过期|逾期|没完成)的(待办|任务)(吗|)
(待办|任务)(里|清单里|)(还|)(剩|有)(什么|哪些)
"""

_PATTERNS["timer_set"] = """
(设|定|开|来)(一个|个|)<duration:dur>(的|)(计时器|倒计时|定时器)
(计时|倒计时|定时)<duration:dur>
<duration:dur>(后|之后)(叫我|提醒我)
<duration:dur>(倒计时|计时)
(设|定)(一个|个)<title:food>(的|)(计时器|倒计时)，<duration:dur>
"""

_PATTERNS["note_create"] = """
记一下：<text:fact>
记一下，<text:fact>
记一下<text:fact>
(记|写)(个|一条|一个|条)笔记：<text:fact>
(帮我|)(记|记下|记录|写下)(来|)(：|，|)<text:fact>
(新建|建|加|写)(一条|个|一个|)(笔记|备忘|备忘录)(：|，|)<text:fact>
(备忘|备注|笔记)：<text:fact>
(新建|建)(一个|个)(叫|名为|标题是)<title:topic>的笔记(，|：)(内容是|写上|)<text:fact>
帮我记住<text:fact>
把(这个|这句|)(记到|写到|存到)笔记里：<text:fact>
<text:fact>，(记到|写到|记进|存到)(笔记|备忘录)(里|)
"""

_PATTERNS["note_change"] = """
(在|往|给)<note:note>(里|中|)(加|补|添|补充|加上|添上)(一句|一条|上|：|，|)<text:fact>
把<text:fact>(加到|补到|写到|添到|记到)<note:note>(里|中|)
<note:note>(里|)(再|)(加|补充|补)(一条|一句|上|)(：|，|)<text:fact>
"""

_PATTERNS["note_delete"] = """
(删掉|删除|删了)<note:note>
把<note:note>(删了|删掉|删除|扔了)
<note:note>(不要了|没用了|不用了)，(删了|删掉)
"""

_PATTERNS["note_search"] = """
<note:note>(里|上|)(写了|记了|写的是|说了|记的)(什么|啥)
(看看|打开|念一下|找一下|查一下)<note:note>
我(之前|上次|)(记的|写的|记过的)<about:topic>(在哪|是什么|是怎么写的|怎么说的)
(有没有|找一下|搜一下)(关于|)<about:topic>的笔记
笔记里(有没有|)(提到|写过|写了)<about:topic>(吗|)
"""

_PATTERNS["contact_create"] = """
(新建|添加|加|存|保存|新增|建)(一个|个|)联系人 <name:newname> (手机|电话|号码|)<phone:phone>
(新建|添加|加|存|保存|新增)(一个|个|)联系人(：|，|)<name:newname>，(电话|手机|手机号|号码)(是|)<phone:phone>
(新建|添加|加|存)(一个|个|)联系人(：|，|)<name:newname>，(邮箱|邮件|email)(是|)<email:email>
(新建|添加)联系人 <name:newname> (手机|电话) <phone:phone> 邮箱 <email:email>
把<name:newname>(存到|加到|加进|存进|记到)(通讯录|联系人)(里|)
把<name:newname>(存到|加到)(通讯录|联系人)(里|)，(电话|手机|号码)(是|)<phone:phone>
(存|记)(一下|个)<name:newname>的(电话|手机|号码)，<phone:phone>
<name:newname>的(电话|手机)是<phone:phone>，(存一下|存到通讯录|加到联系人|新建个联系人)
把(发|写)<mail:mail>的人(存到|加到)(通讯录|联系人)
(新建|添加)联系人<name:newname>，(公司|单位)(是|)<organisation:organisation>，(电话|手机)<phone:phone>
"""

_PATTERNS["contact_change"] = """
<contact:person>(换号了|换手机了|换号码了|换电话了)，(改成|新号码是|新号是|现在是|)<phone:phone> ## way=replace
<contact:person>的(新|)(电话|手机|手机号|号码)(改成|换成|改为|现在是|是)<phone:phone> ## way=replace
把<contact:person>的(电话|手机|手机号|号码)(改成|换成|更新为|改为)<phone:phone> ## way=replace
把<contact:person>的(邮箱|邮件地址)(改成|换成|更新为|改为)<email:email> ## way=replace
<contact:person>的(新|)邮箱(是|改成|换成|变成)<email:email>(，更新一下|，改一下|) ## way=replace
给<contact:person>(加|添加|补)(一个|个|上|)(电话|手机号|号码|手机)<phone:phone> ## way=add
给<contact:person>(加|添加|补)(一个|个|上|)邮箱<email:email> ## way=add
<contact:person>(还有|另外有)(一个|个)(号码|电话|手机)<phone:phone>，(加上|记上|存一下) ## way=add
<contact:person>(跳槽|换工作|去)(到|了|)<organisation:organisation>(了|)，(改一下|更新一下|更新通讯录) ## way=replace
<contact:person>搬家了，(新地址是|地址改成|搬到)<address:address> ## way=replace
<contact:person>的地址(改成|换成|是)<address:address> ## way=replace
把<contact:person>的(名字|姓名|备注)改成<name:newname> ## way=replace
"""

_PATTERNS["contact_delete"] = """
(删掉|删除|去掉)<contact:person>(的联系方式|的联系人|这个联系人|的名片|的号码)
把<contact:person>(从通讯录|从联系人)(里|)(删了|删掉|删除|去掉)
(删掉|删除)联系人<contact:person>
"""

_PATTERNS["contact_search"] = """
<contact:person>的(电话|手机|手机号|号码|联系方式)(是多少|是什么|多少|给我|来着|) ## field=phone
(查一下|找一下|给我|告诉我|看看)<contact:person>的(电话|手机|手机号|号码) ## field=phone
(有没有|有)<contact:person>的(电话|手机号|号码)(吗|) ## field=phone
怎么联系<contact:person> ## field=phone
<contact:person>的(邮箱|邮件地址|email)(是什么|是多少|给我|) ## field=email
(查一下|找一下|给我)<contact:person>的(邮箱|邮件地址) ## field=email
<contact:person>(的地址|家的地址)(是什么|是哪|给我|) ## field=address
<contact:person>住(哪|哪里|在哪|在哪儿) ## field=address
<contact:person>(的生日|生日)(是什么时候|是几号|几号|哪天|是哪天) ## field=birthday
<contact:person>(什么时候|几号|哪天)过生日 ## field=birthday
<contact:person>(在哪|在哪里|在哪家公司|在什么公司)(上班|工作) ## field=organisation
<contact:person>是(哪个|什么)公司的 ## field=organisation
"""

_PATTERNS["message_send"] = """
给<to:person>发(个|条|一条|)(短信|消息|微信|信息)(说|，说|：|告诉他|告诉她)<body:body>
(发|发个|发条)(短信|消息|微信)给<to:person>(说|，说|：)<body:body>
(微信|短信)(告诉|跟|通知)<to:person>(说|)<body:body>
(短信|微信)<to:person>：<body:body>
"""

_PATTERNS["mail_search"] = """
(找|查|搜|看看|搜索)(一下|)<sender:person>(发|发来|写)的(邮件|信)
(找|查|搜|搜索)(一下|)(关于|)<about:topic>的(邮件|那封邮件)
<sender:person>(发|发来|写)的(关于|)<about:topic>的邮件(在哪|在哪里|呢|)
<when:day>那封<about:topic>的(邮件|信)在(哪|哪里|哪儿)
<when:day>(收到|来)(了|的)(哪些|什么)(邮件|信)
(找|查)(一下|)<when:day><sender:person>发(来|)的邮件
<sender:person>(有没有|有)(给我|)(发邮件|回邮件|回信|写信|回我)(吗|)
<sender:person>(回了|回复|回信)(没|了吗|没有)
(有没有|有)(新|未读|没读)(的|)(邮件|信)(吗|) ## state=unread
(看看|列出|念一下)(未读|没读)(的|)邮件 ## state=unread
未读邮件(里|)有(什么|哪些)(要回的|重要的|) ## state=unread
(星标|加星|标记)的邮件(有哪些|) ## state=flagged
(找|查)<sender:person>(发的|)带附件的邮件 ## state=attachment
<folder:folder>(文件夹|)里有(什么|哪些)邮件
我(发给|写给)<recipient:person>的(邮件|那封邮件)(在哪|呢|)
<sender:person><when:day>(发了|来了)(什么|几封|哪些)邮件
那封<about:topic>的邮件(呢|在哪|找出来|找一下)
"""

_PATTERNS["mail_read"] = """
<mail:mail>(讲了|说了|写了|说的是|讲的是|里说|里写|写的)(什么|啥)
<mail:mail>(是|)(什么|啥)(内容|意思)
(读|念|打开|看)(一下|)<mail:mail>
<mail:persone>(在|的|)邮件里(说|写|讲)(了|)(什么|啥)
<mail:persone>(最近|最新|昨天|今天|)(的|那封|)(邮件|信)(说|讲|写)了(什么|啥)
(总结|概括|概述|简单说说)(一下|)<mail:mail>
<mail:mail>(要|让|想)(我|)(做|干)(什么|啥)
"""

_PATTERNS["mail_send"] = """
给<to:people>(发|写)(封|个|一封|)(邮件|邮|电邮|email)(说|，说|：|告诉他|告诉她|，)<body:body>
给<to:people>发邮件说<body:body>
给<to:people>发(封|个|)邮件，(问问|问一下|问)<body:clause>
(发|写)(封|个|一封|)邮件(给|跟)<to:people>(说|，说|：|，告诉他|，告诉她)<body:body>
发邮件(告诉|通知|跟|提醒)<to:people>(说|)<body:body>
(邮件|发邮件)(告诉|通知|提醒)<to:people><body:body>
给<to:people>(写|发)(封|一封|)邮件，(主题|标题)(是|写)<subject:topic>，(内容|正文)(是|写|)<body:body>
给<to:people>发邮件，抄送<cc:people>，(说|内容是)<body:body>
(发|写)邮件给<to:people>，抄送<cc:people>：<body:body>
(跟|和|对)<to:people>(发邮件|邮件里)说<body:body>
(用邮件|邮件)(问|问问|问一下)<to:people><body:clause>
发邮件跟<to:people>说<body:body>
发邮件跟<to:pron>说(一声|一下|)
给<to:pron>发(个|封)邮件说<body:body>
给<to:people>发邮件(感谢|祝贺|恭喜)(他|她|)<body:clause>
邮件<to:people>：<body:body>
"""

_PATTERNS["mail_draft"] = """
(写|起草|拟|草拟|打)(封|个|一封|)(草稿|邮件草稿|邮件)给<to:people>(，|)(说|：|内容是)<body:body>，(先别发|先不发|不要发|先存着|别发出去|存草稿)
(起草|拟|草拟)(一封|封|)(给|)<to:people>的邮件(，|)(说|：)<body:body>
给<to:people>(写|起草|拟)(封|个|一封)(草稿|邮件草稿)(，|)(说|：|内容是)<body:body>
给<to:people>写(封|一封)邮件(，|)(说|：)<body:body>，(先别发|先不发|存到草稿箱|存草稿)
(起草|拟|写)(一个|个|)给<mail:persone>的(回复|回信)(，|)(说|：)<body:body>，(先别发|先存着|存草稿)
(起草|拟)(一下|)对<mail:mail>的回复(，|：)(说|)<body:body>
(写|拟)(一封|封)草稿回<mail:mail>，说<body:body>
回<mail:persone>的草稿：<body:body>
"""

_PATTERNS["mail_reply"] = """
(回复|回|回一下|答复)<mail:persone>(，|)(说|就说|：|告诉他|告诉她)<body:body>
(帮我|)回(一下|)<mail:persone>，说<body:body>
(回|回复)(一下|)<mail:persone>，就说<body:body>
给<mail:persone>回(个|封|一封|)(邮件|信|邮)(，|)(说|就说|：|告诉他|告诉她| 说)<body:body>
给<mail:persone>回邮件，说<body:body>
(回复|回|答复)(一下|)<mail:mail>(，|)(说|：|就说|告诉他)<body:body>
<mail:mail>(帮我|)(回复|回)(一下|)(，|)(说|就说|：)<body:body>
<mail:persone>(那封|的|)(邮件|信)(帮我|)(回一下|回复一下|回)(，|)(说|就说)<body:body>
(回复|回)<mail:persone>：<body:body>
(回|回复)<mail:persone>,<body:body>
(回复|回)(全部|所有人|大家)(，|：|)<mail:mail>(，|：)<body:body> ## audience=all
<mail:mail>(回复全部|全部回复|回所有人)(，|：)(说|)<body:body> ## audience=all
(跟|告诉)<mail:persone>(回邮件|回复)说<body:body>
回<mail:persone>的邮件(，|)抄送<cc:people>，说<body:body>
"""

_PATTERNS["mail_forward"] = """
把<mail:mail>(转发|转|转寄)给<to:people>
把<mail:mail>(转发|转)给<to:people>，(说|写上|附上一句|让他|让她)<body:body>
(转发|转)<mail:mail>给<to:people>
<mail:mail>(转发|转)给<to:people>(，|)(让他看看|让她看看|)<body:body>
<mail:mail>(转发|转|转一下)给<to:people>
把<mail:doc>(发给|转给|转发给|传给|发)<to:people>
(发|转)(一下|)<mail:doc>给<to:people>
给<to:people>(发|转)(一下|)<mail:doc>
"""

_PATTERNS["mail_move"] = """
<mails:mails>(全部|都|统统|)(归档|存档)
把<mails:mails>(全部|都|)(归档|存档)(了|掉|)
(归档|存档)<mails:mails>
把<mails:mails>(都|全|)(挪到|移到|放到|移动到|归到|放进|移进)<folder:folder>(文件夹|)(里|)
把<mails:mail>(挪到|移到|放到|移动到|归到|放进)<folder:folder>(文件夹|)(里|)
<mails:mails>(都|)(放|移|挪|归)到<folder:folder>(文件夹|)(里|去|)
<mails:mail>(归档|存到<folder:folder>|放进<folder:folder>文件夹)
把<mails:sender>(发|发来)的(邮件|)(都|全部|)(移到|放到|挪到)<folder:folder>
"""

_PATTERNS["mail_delete"] = """
(删掉|删除|删了|清掉|扔掉)<mails:mails>
把<mails:mails>(都|全|全部|)(删了|删掉|删除|清了|扔了|丢进垃圾箱|移到垃圾箱)
<mails:mails>(都|全部|)(删了|删掉|删除|清掉|不要了)
(删|删除|删掉)<mails:mail>
<mails:mail>(删了|删掉|删除)(吧|)
"""

_PATTERNS["mail_flag"] = """
把<mails:mails>(都|全部|)(标为|标成|设为|标记为)已读 ## state=seen
<mails:mails>(都|全部|)(标为|标成|设为|标记为|标)已读 ## state=seen
把<mails:mail>(标为|标成|设为|标记为)(未读|没读) ## state=unseen
<mails:mail>(标|设)(成|为)(未读|没读) ## state=unseen
<mails:mail>(加|打|标)(个|上|一个|)(星标|星|旗标|红旗|标记) ## state=flagged
给<mails:mail>(加|打|标)(个|上|一个|)(星标|星|旗标|红旗|标记) ## state=flagged
把<mails:mail>(标|标为|标记为|设为)(星标|重要) ## state=flagged
(去掉|取消)<mails:mail>的(星标|旗标|标记) ## state=unflagged
把<mails:mail>的(星标|星)(去掉|取消|拿掉) ## state=unflagged
"""

_PATTERNS["mail_unsubscribe"] = """
(退订|取消订阅)<mail:newsletter>
把<mail:newsletter>(退订|取消订阅)(了|掉|)
<mail:newsletter>(我|)(不想|不要)再(收|收到)了，退订
<mail:newsletter>(帮我|)(退订|取消订阅)(一下|掉|)
别再(让|给)我(收|发)<mail:newsletter>了
"""

_PATTERNS["data_question"] = """
{thingq}(这个月|)要(还|付|交|给)多少(，|)(哪天|什么时候)(之前|前|)(还|付|交)
{thingq}(多少钱|是多少|花了多少|要多少钱|一共多少)
<people:person>(想|要)(把|)(房租|价格|工资|预算)(涨|降|加|提)到多少
<people:person>(要|想要|报|出|开)(了|)(多少|什么价|什么价钱)
{thingq}的(订单号|单号|预订号|航班号|车次|座位|密码|地址|尾号|验证码|房间号)(是多少|是什么|是哪个|来着)
{thingq}(什么时候|哪天|几号)(到|送到|截止|到期|交|生效|发货|能好)
{thingq}(最晚|最迟)(什么时候|哪天)(能|可以|要)(退|取消|改|交|回)
<people:person>(为什么|怎么)(取消|退|没来|生气|不同意)(了|)
谁(给我|)(发|写|提|问)(过|了)(关于|){thingq}(的邮件|)
<people:person>(同意|答应|确认)(了吗|了没|了没有|没有)
{thingq}(住|在)(哪|哪家酒店|几号楼|几楼)
我(们|)(跟|和)<people:person>(定|说|谈|约)的(是什么|价格是多少|条件是什么)
(家里|公司|办公室|民宿)的(wifi|无线|门禁|保险柜)密码(是什么|是多少|来着)
<people:person>(喜欢|爱|不能)(吃|喝)什么
{thingq}(怎么|如何)(说|定|安排)的
<people:person>(那边|)(几个人|多少人)(参加|来|去)
我(坐|订)的(是|)(哪趟|哪个|几点的)(车|航班|飞机|火车|高铁)
"""

_PATTERNS["time_question"] = """
<when:day>(是|)(星期几|周几|几号|礼拜几)
(离|距离|到)<events:evtxt>(还有|还剩)(多少天|几天|多久|几个小时)
<events:evtxt>(到|和)<events:evtxt>(之间|)(隔|有|差)(多少|几)(天|个小时|小时|周)
现在(几点|几点了|是什么时间)
<zone:town>现在(几点|是几点|什么时间)
<zone:town>时间{clock}是(我们|咱们|)(这边|这里|北京时间)(的|)几点
{person}说的<zone:town>时间{clock}是(我们|)这边几点
(今天|明天)是(几号|农历几号|星期几|农历什么日子)
(端午|中秋|春节|元宵|清明|重阳|冬至|国庆)(节|)(今年|)是(几号|哪天|什么时候)
(我妈|我爸|妈妈|{person})今年(过生日|生日)(公历|阳历|)是(几号|哪天)(来着|)
<when:day>是(农历|阴历)(几号|几月几日|多少)
<when:date>是(工作日|周末|星期几)吗
{day}(距离|离)今天(有|)(多少天|几天)
"""

_PATTERNS["undo"] = """
撤销
(撤销|撤回|恢复|还原)(一下|刚才的操作|上一步|)
(算了|等等|不对|哎)(，|)(撤销|改回来|改回去|恢复|还原|不要了)
(算了算了|不对不对|哎呀)，(撤销|改回去|恢复原样)
(把|)(刚才|刚刚)(那个|的|)(改回来|改回去|恢复|撤销|还原)(吧|)
(改|放|挪|搬)回(去|来|原来的地方)(吧|)
(都|全部|)(放回去|恢复|还原)(吧|)
刚才(弄错了|搞错了|点错了)，(撤销|恢复|改回来)
取消(刚才|上一个|上一步)的操作
"""

_PATTERNS["amend"] = """
(不对|不是|错了|说错了|哦不|等等)(，|)(是|)<when:point>
(不对|不是|错了)(，|)是<when:day>，还是{clock}
(改成|改到|换成|还是)<when:point>(吧|)
{clock}
<when:point>
<when:point>(吧|那个|的那个|的)
{person}
{org}的(那个|)
{org}的{person}
(做|管|负责){noun}(的|)那个
(第一|第二|最后|最新的|前面那|后面那)(个|封|条|一个|一封)
(和|跟){person}(那个|的那个|一起的)
(是|我说的是|我是说){person}
(不是|别){person}，(是|给){person}
(发给|给)<to:people>
(两个|都|全部|两封|都要)(都|)(是|要|)
(是|是的|对|好|好的|可以|嗯|行)
(不|不是|不要|不用|别|算了)
(就|)<duration:dur>(吧|)
(在|)<place:place>
(就说|说|改成|内容是)<body:body>
(私人|公司|工作|家里)(邮箱|那个|的)
还有{person}
(再|)<when:evrel>提醒我<title:todo>
(晚|早|推迟|提前)(一个小时|半小时|一天)
"""

_PATTERNS["none_escalate"] = """
(帮我|给我|)写(一份|一篇|个|篇){num}字的{noun}(分析|报告|文章|总结|演讲稿|方案)(，{req}|)
(帮我|给我|)写(一首|一篇|一个)(关于|)({noun}|{country}|春天|{town})的(诗|文章|故事|作文|论文)
把{person}的(简历|论文|合同|报告)(全文|)(翻成|翻译成)(英文|中文|日文|法语)(，{req}|)
(翻译|把)(一下|)(这份|这篇)(合同|文件|论文)(翻成英文|)
({country}|世界|{town})的(首都|人口|面积|总统|国王|gdp)是(什么|谁|多少)
(谁|哪个人)(发明|写|画|导演|发现)了{noun}
{town}{day}(天气|气温|会下雨吗|会下雪吗|冷不冷)(怎么样|如何|)
{day}(天气|气温)(怎么样|如何)
{day}(会|要)(下雨|下雪|刮风)吗
(比较|对比)(一下|)(三款|五款|市面上的)(手机|电脑|汽车|相机|软件)(，{req}|)
为什么{noun}(这么|会|是)(贵|重要|蓝色的|冷|慢)
(怎么|如何)(做|修|学|种|养|治){noun}
{noun}(是|指)什么(意思|)
(推荐|介绍)(几|一)(部|本|家|个)(电影|书|餐厅|酒店|景点)(给我|)
(做|规划|制定)(一个|个)(去|)({town}|{country})(三天|五天|一周|)的(旅游攻略|旅行计划|行程规划)
(最近|今天)(有什么|的)新闻
{country}(和|跟){country}(谁|哪个)(大|人多|历史长)
(解释|讲讲|介绍)(一下|){noun}(的原理|的历史|)
(写|改|调试)(一段|个)(python|代码|程序|excel公式)(，用来|)(统计|排序|解析|)({noun}|)
{noun}(哪个牌子|哪款|哪家)(好|最好)
(股市|汇率|油价|金价)(今天|现在|)(多少|怎么样)
{num}(乘以|加|减|除以){num}(等于|是)多少
"""

_PATTERNS["none_refuse"] = """
(帮我|)把{thingq}{num}(块|元|)(转给|付给|打给|转账给){person}
(给|向){person}(转|转账|付|打){num}(块|元|块钱|)
(帮我|)(付|交|缴|还)(一下|)(房租|水电费|信用卡|话费|{thingq})
(帮我|)把{town}(那两天的|的|到{town}的)(票|机票|火车票|船票|酒店|门票)(买了|订了|买一下|订一下)
(帮我|)(买|订|抢)(一张|两张|)(去|){town}的(机票|火车票|高铁票|票|酒店)
(帮我|)(点|叫|订)(一份|个|)(外卖|披萨|奶茶|咖啡|蛋糕)
(帮我|)(叫|打|约)(个|一辆|辆)(车|出租车|滴滴|专车)
(给|帮我给){person}打(个|)电话
(打|拨)(电话|)(给|){person}
打电话给(银行|医院|物业|客服)(投诉|预约|砍价|问问|催一下)
({day}|刚才|昨天)发给{person}的(那封|)(邮件|合同邮件|消息)(撤回来|撤回|收回)(，别让(他|她)看到|)
(撤回|收回)(刚才|昨天|)(发给{person}的|发的)(邮件|那封邮件|消息)
(那封|){org}(那封|的)邮件(里|)(怎么说|要求什么|写了什么)你就(照做|照着办|替我做)(吧|)
按(照|)(那封|){noun}邮件(里|)(说的|的要求|的步骤)(做|办|来)
(点|点一下|打开)(邮件里的|那个|)链接
(充|充值|充个)(话费|公交卡|游戏|会员){num}(块|元|)
(打开|关掉|关闭|开)(空调|灯|电视|窗帘|音乐|闹钟)
(放|播放|来)(一首|点|首)(歌|音乐|{noun})
(帮我|)(签|签一下|填)(合同|申请表|报名表)
(登录|登陆|进)(我的|)(银行|网银|淘宝|微信)(账号|账户|)
(改|重置)(一下|)(我的|)(密码|支付密码)
(卖|买)(掉|)(我的|一点|)(股票|基金|比特币)
(发|发个|发条)(朋友圈|微博|抖音)
(帮我|)(去|)(接孩子|拿快递|取件|洗车|做饭|倒杯水)
"""

_PATTERNS["none_talk"] = """
(你好|嗨|您好|早上好|晚上好|早)(啊|呀|)
(谢谢|多谢|谢了|辛苦了|太好了|不错|好的谢谢)(你|啊|)
你(是谁|叫什么|会什么|能做什么|能干什么|多大了)
(讲|说|来)(个|一个)(笑话|故事)
(再见|拜拜|晚安|明天见)
我(好|很|有点)(累|无聊|开心|难过|饿)
(没事|算了没事|没什么|随便)
(你真|你)(聪明|棒|笨|好)(啊|)
"""


def dress(text: str, rng: random.Random) -> tuple[str, int]:
    """Politeness, fillers, marks left out: how the same request is typed or spoken."""
    before, after, roll = "", "", rng.random()
    if roll < 0.14:
        before = rng.choice(
            ("帮我", "请", "麻烦", "请帮我", "麻烦帮我", "给我", "你帮我", "能不能帮我", "可以帮我")
        )
    elif roll < 0.22:
        before = rng.choice(
            (
                "那个",
                "嗯",
                "哎",
                "对了，",
                "还有，",
                "然后",
                "呃",
                "话说",
                "哎对了，",
                "小助手，",
                "我想",
                "我要",
                "另外",
            )
        )
    if rng.random() < 0.10:
        after = rng.choice(
            ("吧", "，谢谢", "好吗", "可以吗", "一下", "哈", "啊", "呗", "，麻烦了", "了")
        )
    text = before + text + after
    if rng.random() < 0.25:
        text += rng.choice(("。", "？", "！", "~", "。"))
    roll = rng.random()
    if roll < 0.15:
        text = text.translate(str.maketrans("，。：！？、", "      "))
    elif roll < 0.22:
        text = text.translate(str.maketrans("，：！？", ",:!?"))
    elif roll < 0.30:
        text = text.translate(str.maketrans("一二三四五六七八九两", "1234567892"))
    return _misheard(text, rng) if rng.random() < 0.06 else text, len(before)


_ALIKE = (
    ("提醒", "题醒"), ("明天", "名天"), ("邮件", "有件"), ("张", "章"), ("日程", "日成"),
    ("在", "再"), ("那", "哪"), ("的", "得"), ("周", "州"), ("点", "典"),
)  # fmt: skip


def _misheard(text: str, rng: random.Random) -> str:
    """Words of the same sound, as speech recognition writes them."""
    for old, new in _ALIKE:
        if old in text and rng.random() < 0.5:
            text = text.replace(old, new)
    return text


JOINS = ("，然后", "，再", "，并", "，", "，顺便", "，同时", " 然后", "，还有", "；", "。", "，再帮我", "，接着", "然后", " ", "，也", "，另外", "，并且", "再")  # fmt: skip


def _lines(block: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.strip().splitlines() if line.strip())


CHINESE = Language(
    {label: _lines(block) for label, block in _PATTERNS.items()}, MACROS, KINDS, JOINS, dress
)
