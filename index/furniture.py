"""What stands around an article on its page and is not the article: buttons, captions, credits, author boxes.

Every rule looks at one whole paragraph. A sentence of the article that names a news agency, a photographer or the
author's trade has to pass all of them: losing it is worse than keeping a caption.
"""

import re

LONGEST_CAPTION = 600
LONGEST_LINE = 160

INTERFACE = re.compile(
    r"""(?:
    0?0:00(?::00)?|\d{1,2}:\d\d(?::\d\d)?\s*/\s*\d{1,2}:\d\d(?::\d\d)?     # 0:00 or 0:00 / 3:12, of a player
    | (?:\d+\s*(?:-\s*)?min(?:ute)?s?\s+(?:read|listen)|reading\ time:?.{0,20})
    | listen(?:\ to\ (?:this\ )?(?:article|story))?(?:\s*[·•|(-]?\s*\d+\s*min(?:ute)?s?\)?)?
    | (?:play|pause|mute|unmute|play\ video|watch\ now|loading(?:\.\.\.|…)?|video|audio|gallery|slideshow|image)
    | (?:share|save|print|email|e-mail|tweet|gift|copy\ link|link\ copied!?|bookmark|reprints|text\ size|font\ size)
    | (?:facebook|twitter|x|whatsapp|linkedin|reddit|pinterest|telegram|flipboard|instagram|bluesky|threads|messenger)
    | (?:share|save|print|email|tweet|post|comment|facebook|twitter|x|whatsapp|linkedin|reddit|copy\ link|more
        |[\s,/|·•])+
    | share\ (?:on|via|to|this|with)\b[^.!?]{0,40}
    | (?:advertisement|advertising|sponsored|promoted|ad\ feedback|paid\ content)
    | (?:story|article|content)\ continues\ (?:below|after)[^.!?]{0,40}
    | (?:scroll|swipe|tap|click)\ (?:down\ )?(?:to|here\ to|for)\ (?:continue|read|more|view|expand)[^.!?]{0,40}
    | (?:subscribe|sign\ (?:up|in)|log\ ?in|register|create\ (?:an\ )?account|become\ a\ (?:member|subscriber)|donate
        |support\ us)(?:\ (?:now|today|here|free|for\ free))?[!»›→]?
    | (?:view\ image\ in\ fullscreen|reuse\ this\ content|after\ newsletter\ promotion|\d+\ of\ \d+\s?\|?)
    | add\ .{2,30}\ on\ google.{0,20}
    | (?-i:[A-Z]{2,6})\s?[–—]                                                # an agency's sign without its sentence
    | skip\ (?:to\ (?:main\ )?content|navigation|advertisement|past\ newsletter.{0,40}|to\ end.{0,20})
    | (?:(?:back|go)\ to\ top|home|menu|search|close|next|previous|show\ less|(?:show|read|view|see)\ more)
    | (?:view|show|hide|read|leave\ a|post\ a|add\ a)?\s*(?:all\ )?\d*\s*comments?(?:\s*\(?\d+\)?)?
    | (?:accept|reject|manage|allow)(?:\ all)?(?:\ (?:cookies|preferences|settings|choices))?
    | [\W_]{1,80}                                                           # a rule, a bullet without its item
    | (?:cookie|privacy)\ (?:settings|policy|preferences|notice)
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
TEASER = re.compile(
    r"(?:read more|read also|also read|read next|see also|more from|more on|related|related (?:articles?|stor(?:y|"
    r"ies)|news|"
    r"content|coverage|topics?)|recommended|you may also like|don['’]t miss|editor['’]s picks?|most (?:read|popular)|"
    r"watch|"
    r"go deeper|up next)\s?[:|»›]\s*\S[^.]{0,140}",
    re.IGNORECASE,
)
SUBJECTS = re.compile(
    r"(?:read more|more on|(?:related )?topics?|tags?|tagged|filed under|categor(?:y|ies)|keywords)\s?:\s?"
    r"[^.!?,:;]{2,60}(?:,\s?[^!?,:;]{2,60}){2,60}",
    re.IGNORECASE,
)
"""What a page is filed under. A sentence seldom has three parts of that kind behind such a word."""
PLEA = re.compile(
    r"(?:(?:we|this (?:web)?site|our (?:web)?site) uses? cookies\b|by (?:continuing|clicking)[^.]{0,60}\bcookies\b"
    r"|(?:sign up|subscribe|register)\b[^.!?]{0,120}\b(?:newsletters?|inbox|news alerts|e-?mail alerts|briefing|"
    r"digest)\b"
    r"|(?:to )?(?:continue|keep) reading\b[^.!?]{0,60}\b(?:subscri\w+|sign (?:in|up)|log ?in|register|free trial|"
    r"account)\b"
    r"|already an? (?:subscriber|member)\?|you have \d+ free articles?\b"
    r"|this (?:article|story|content) is (?:only |available to |reserved for )+(?:\w+ )?(?:subscribers|members)\b"
    r"|privacy notice:|get (?:our|the|all the)[^.!?]{0,80}\b(?:your inbox|newsletter)\b)"
    r"[^.!?]{0,200}[.!?]?(?: [^.!?]{0,100}[.!?])?",
    re.IGNORECASE,
)

AGENCY = (
    r"(?:AFP(?:TV)?|A\.?P\.?|AP Photo|(?:The )?Associated Press|Reuters|REUTERS|Getty(?: Images)?|EPA(?:-EFE)?|EFE|"
    r"PA(?: Wire| Media| "
    r"Images)?|Press Association|Xinhua(?: News Agency)?|Bloomberg(?: News)?|Shutterstock|iStock(?:photo)?|"
    r"Alamy(?: Stock Photo"
    r"| Live News)?|Anadolu(?: Agency)?|NurPhoto|Zuma(?: Press)?|ZUMA(?: Press)?|SOPA Images|TASS|Sputnik|"
    r"Kyodo(?: News)?|"
    r"dpa|DPA|ANSA|UPI|AAP(?: Image)?|ANP|Ritzau|TT|NTB|Keystone|Pool(?: Photo)?|POOL|Handout|HANDOUT|"
    r"Rex(?: Features)?|REX|"
    r"Magnum(?: Photos)?|Unsplash|Pexels|Pixabay|Wikimedia(?: Commons)?|Flickr|NASA|CNN|BBC|NBC(?: News)?|"
    r"ABC(?: News)?|"
    r"CBS(?: News)?|The Guardian|(?:The )?New York Times|NYT|(?:The )?Washington Post|USA TODAY(?: Sports| NETWORK)?|"
    r"(?:The )?Epoch Times|Imagn(?: Images)?|LightRocket|Maxar(?: Technologies)?|Planet Labs(?: PBC)?|SIPA(?: USA)?|"
    r"Sipa(?: USA)?|"
    r"WireImage|FilmMagic|Corbis|Barcroft(?: Media)?|PTI|ANI|Tribune News Service|TNS|Star Tribune|Los Angeles Times|"
    r"Stringer|Contributor|Adobe Stock|Depositphotos|Dreamstime)"
).replace(" ", r"\s")
PHOTO_AGENCY = (
    r"(?:Getty(?: Images)?|Shutterstock|iStock(?:photo)?|Alamy(?: Stock Photo)?|Unsplash|Pexels|Pixabay|Adobe Stock|"
    r"AP Photo|"
    r"Depositphotos|Dreamstime|Wikimedia(?: Commons)?)"
).replace(" ", r"\s")
WORD = r"[A-Z][\w.'’-]*"
SIGNED = rf"(?:{WORD}(?:\s(?:(?:de|da|van|von|der|al|bin|el|la|le|for|and|of)\s)?{WORD}){{0,5}}\s?[/|]\s?)"
CREDIT = (
    rf"(?:{SIGNED}{{1,3}}{AGENCY}|{AGENCY}\s?/\s?{WORD}(?:\s{WORD}){{0,3}})"
    rf"(?:\s?/\s?{AGENCY})*(?:\s(?:via|for)\s{AGENCY})?"
)
MARK = (
    r"(?:Photo(?:graph|graphy|s| credit| by| courtesy)?|Picture(?:s| by| credit)?|Pic|Image(?:s| credit| source|"
    r" by)?|Credit|"
    r"Illustration(?: by)?|Screenshot|Screengrab|Graphic)"
).replace(" ", r"\s")
ENDS_IN_CREDIT = re.compile(
    rf"""(?:^|[\s(\[])(?:
      {CREDIT}(?:,?\s(?:File|FILE|file))?
    | (?:{AGENCY}\s)?via\s(?:{AGENCY}|Facebook|Twitter|X|Instagram|YouTube|Telegram|TikTok)
    | {AGENCY}\svia\s{WORD}(?:\s{WORD}){{0,2}}
    | {AGENCY}\sPhotos?(?:\s?/\s?[^()/]{{2,60}})?
    )(?<!\.)[)\]]?$""",
    re.VERBOSE,
)
IN_BRACKETS = re.compile(
    rf"""[(\[](?:
      {CREDIT}(?:,?\s(?:File|FILE|file|Pool))?
    | (?:AP|AFP|EPA|Reuters|REUTERS|PA)\s(?:Photo|Images?|file\sphoto)\b[^()]{{0,80}}
    | {AGENCY}\svia\s[^()]{{2,60}}
    | {PHOTO_AGENCY}
    | {MARK}(?::|\sby\b|\sCourtesy\b)[^()]{{2,100}}
    | (?:Photo|Image|Picture|Video|Screenshot|Illustration|Graphic)\s(?:by|via|from|courtesy\sof)\s[^()]{{2,80}}
    | Courtesy\sof\s[^()]{{2,80}}
    | (?:[Ff]ile|FILE|[Ss]tock|[Hh]andout)\s(?:[Pp]hoto|PHOTO|[Ii]mage|[Pp]icture) | File | FILE
    | Courtesy(?:\sphoto)?
    | (?:Representational|Representative|Illustrative)\s(?:image|photo|picture)
    )[)\]]\.?$""",
    re.VERBOSE,
)
ENDS_IN_MARK = re.compile(
    r"(?:^|[.!?”\"’)\]]\s+|\s[|–—-]\s)(?:"
    rf"(?:{MARK}):\s*(?=[A-Z@©])[^.!?]{{2,80}}"
    r"|(?:Photo|Photograph|Picture|Image|Illustration|Video|Screenshot)\s(?:by|via|courtesy of)\s[A-Z][^.!?]{2,80}"
    r"|Courtesy (?:of|photo)\b[^.!?]{0,60}"
    r"|(?:File|Stock|Representational|Illustrative|FILE) (?:photo|image|picture|PHOTO)"
    r"|©\s?(?=[A-Z\d])[^.!?]{2,60})\.?$"
)
OPENS_CAPTION = re.compile(
    r"(?:Image (?:caption|source|credit)s?\b\s?[,:]|Media caption\b|Photo credits?\s?:|FILE (?:PHOTO|IMAGE)\b|PHOTO:\s|"
    r"FILE\s?[-–—:]\s|"
    r"\(FILE\)|File (?:photo|image|picture)\s?[:–—-]|Pictured(?: (?:above|below|left|right))?\s?:|"
    r"Photo(?:graph)?s?\s?:\s|"
    r"Picture\s?:\s|Caption\s?:\s|Photo(?:graph)? by [A-Z]|Image(?: courtesy of|: )|Screenshot (?:via|from) )"
)
LABEL_ALONE = re.compile(r"(?:Image|Media) (?:caption|source|credit)s?\s?[,:]?")
"""A caption's label on a line of its own: what it labels is on the next."""
UNDATED = re.compile(
    r"(?:An? undated (?:handout |file |family )?|(?:This|In this|A) (?:undated |handout |file |combination |"
    r"photo provided )+)"
    r"(?:image|photo(?:graph)?|picture|handout|frame grab|screengrab)\b",
)
TAKEN = re.compile(
    r"In (?:this|an?) (?:[\w-]+ ){0,3}(?:image|photo(?:graph)?|picture|frame grab)(?: (?:taken|provided|released|"
    r"made|from|"
    r"obtained|distributed|posted|supplied)\b|,)"
)
LEFT_RIGHT = re.compile(r"\((?:L|R|C|\d(?:st|nd|rd|th) [LR]|(?:second|third) (?:from )?(?:left|right))\)")
TELLS = re.compile(
    r"\b(?:said|says|told|tells?|according to|showed|reported|announced|argued|added|voted|called|wrote|claimed|"
    r"asked|appears? to"
    r"|sparked|prompted|was published|has (?:been|become))\b|[“\"]"
)
SENTENCES = re.compile(r"[.!?][”\"’)]?\s+[A-Z“\"‘]")
CREDIT_ALONE = re.compile(
    rf"[(\[]?(?:{CREDIT}|(?:{AGENCY}\svia\s)?(?:{PHOTO_AGENCY}|AFP|AP|Reuters|REUTERS|EPA|PA\s(?:Media|Wire|Images))"
    rf"|{PHOTO_AGENCY}\s?/\s?[^.!?]{{2,40}})[)\]]?"
)

MORE = re.compile(
    r"(?:more on this (?:story|topic)|related (?:stories|articles|content|coverage|links|news)|read more|most read|"
    r"most popular|"
    r"top stories|trending(?: now)?|recommended(?: for you| reading)?|you (?:may|might) also like|more from .{1,40}|"
    r"more stories|latest news|explore more(?: on these topics)?|up next|around the web|editor['’]s picks|"
    r"related topics|topics|tags)\s?:?",
    re.IGNORECASE,
)
"""What stands above the headlines of other articles."""
RELATED = re.compile(r"related (?:article|story|video)s?\s?:?", re.IGNORECASE)
"""What stands above the headline of another article in the middle of one."""
LINK = re.compile(r"(?!.*\d{3}[-.) ]{1,2}\d{3})[^@]{4,140}(?<![.!?:;,])")
AFTERWORD = re.compile(rf"(?:{MORE.pattern}|comments|follow us|newsletter)\s?:?", re.IGNORECASE)
AUTHOR_MARK = re.compile(
    r"(?:author|about the authors?|written by|the authors?|contributor|meet the author)\s?:?", re.IGNORECASE
)
ENDNOTE = re.compile(
    r"""(?:
      [A-Z](?:[^.!?]|\.(?!\s+[A-Z][a-z]+\s+[a-z])){2,240}
        \bcontributed\ (?:to\ this\ (?:report|story|article|piece)|reporting)\b[^.!?]{0,60}\.?
    | \(?(?:with\ )?(?:additional\ )?(?:reporting|writing|editing|edited|compiled|translation)\ (?:and\ \w+\ )?by\s
        (?-i:(?:[A-Z(][\w.'’)-]*+|in|and|by|at|for|from|editing|reporting|writing|additional|&)(?:[;,.]?\s+|[;,.)]{0,2}$))+
    | with\ (?:files|material|inputs?)\ from\s(?-i:(?:[A-Z][\w.'’-]*|and|the)(?:,?\s+|\.?$))+
    | follow\ .{2,60}\ coverage\b.{0,60}\ at:?\ https?://\S{4,120}
    | our\ standards:.{0,80}
    | (?:copyright\s?(?:©|\(c\)|\d{4}|by\b|$)|©\s?(?-i:[A-Z\d])|\(c\)\s?\d{4}|all\ rights\ reserved).{0,300}
    | (?:tags?|topics?|filed\ under|categor(?:y|ies)|keywords|related\ topics)\s?:\s?.{1,200}
    | (?:follow|like|join|find)\ (?:us|.{2,40})\ (?:on|at)\ (?:twitter|x|facebook|instagram|whatsapp|telegram|bluesky
        |threads|linkedin|mastodon|youtube|google\ news)\b.{0,120}
    | (?:you\ can\ )?(?:contact|reach|e?-?mail|follow)\ (?:him|her|them|me|the\ (?:author|reporter|writer))
        \ (?:at|on|via|by)\b.{0,160}
    | (?:download|get)\ (?:the|our)\ .{0,30}\bapp\b.{0,80}
    | (?:views\ expressed|opinions\ expressed|the\ views\ expressed)\b.{0,250}
    | this\ (?:story|article|report)\ (?:has\ been|was)\ (?:generated|published)\ from\ .{0,160}
    )""",
    re.IGNORECASE | re.VERBOSE,
)  # fmt: skip
TRADE = re.compile(
    r"\b(?:is|was|are|covers|writes|reports|joined|has (?:covered|written|reported|"
    r"worked))\b.{0,300}?\b(?:journalist|reporter|"
    r"editor|correspondent|writer|columnist|author|contributor|freelancer?|producer|fellow|professor|lecturer|critic|"
    r"blogger|"
    r"photographer|journalism|cover(?:s|ed|ing|age)|writes|blogs|bureau|newsroom)\b|@\w",
    re.IGNORECASE,
)


def is_interface(line: str) -> bool:
    """Whether a paragraph is a button, a player's time, a teaser, a list of subjects or a plea to subscribe."""
    if len(line) > 400:
        return len(line) <= 1000 and SUBJECTS.fullmatch(line) is not None
    return any(rule.fullmatch(line) for rule in (INTERFACE, TEASER, SUBJECTS, PLEA))


def is_credit(line: str) -> bool:
    """Whether a paragraph is nothing but the credit of a picture."""
    return len(line) <= LONGEST_LINE and CREDIT_ALONE.fullmatch(line) is not None


def is_caption(line: str) -> bool:
    """Whether a paragraph is a picture's caption: it ends in a credit, or opens as only captions do."""
    if len(line) > LONGEST_CAPTION or len(SENTENCES.findall(line)) > 2:
        return False
    if (
        OPENS_CAPTION.match(line)
        or ENDS_IN_CREDIT.search(line)
        or IN_BRACKETS.search(line)
        or ENDS_IN_MARK.search(line)
    ):
        return True
    if TELLS.search(line):
        return False
    return bool(UNDATED.match(line) or TAKEN.match(line)) or len(set(LEFT_RIGHT.findall(line))) > 1


def is_endnote(line: str) -> bool:
    """Whether a paragraph at the end of a page is about the page: who helped, who owns it, where to follow."""
    return len(line) <= 400 and ENDNOTE.fullmatch(line) is not None


def is_biography(line: str, *, author: str | None, marked: bool) -> bool:
    """Whether a paragraph at the end of a page tells who wrote it. `marked`: it stands under "About the author"."""
    if len(line) > 700:
        return False
    about = bool(author) and any(line.startswith(name) for name in re.split(r", | and ", author or "") if len(name) > 3)
    return (about or (marked and re.match(r"[A-Z]\w+ |@", line) is not None)) and bool(TRADE.search(line))
