package sqltext

// EventSchedule returns the first token in the schedule of a CREATE EVENT or ALTER EVENT
// that is more than a moment or an interval: a name, a variable, a subquery, a call of
// a function that does not compute with dates, a comment that only some servers
// execute. It returns the zero Token where there is none, and where there is no
// schedule.
//
// No name is left of which servers could take one of the words for a part that end a
// schedule, so the first of them is its end for certain.
func EventSchedule(text string) Token {
	s := NewScanner(text, Mode{})
	var last Token
	for inside := false; ; {
		t := s.Next()
		switch {
		case t.Kind == Comment, t.Kind == Close, t.Kind == Open && (IsForAllServers(t.Text) || !inside && !last.Is("ON")):
			continue
		case t.Kind == End, inside && t.IsAny("ON", "DO", "COMMENT", "ENABLE", "DISABLE", "RENAME"):
			return Token{}
		case !inside && t.Kind != Open:
			inside = t.Is("SCHEDULE") && last.Is("ON")
		case t.IsPunct('(') && last.IsAny(withinMoments...):
			return last
		case !isOfMoment(last, t):
			return t
		}
		last = t
	}
}

// isOfMoment says whether a token may stand in a schedule.
func isOfMoment(last, t Token) bool {
	switch t.Kind {
	case Word:
		return t.IsAny(momentFunctions...) || t.IsAny(beforeMoments...) || t.IsAny(withinMoments...) || last.IsPunct('{') && t.IsAny("D", "T", "TS")
	case Punct:
		return !t.IsPunct('.') && !t.IsPunct(';')
	}
	return t.Kind == Number || t.Kind == String
}

var (
	// momentFunctions compute moments and numbers, and reach nothing. Units are called
	// like some of them.
	momentFunctions = []string{
		"NOW", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "CURDATE", "CURTIME", "LOCALTIME", "LOCALTIMESTAMP", "SYSDATE", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP", "UNIX_TIMESTAMP", "FROM_UNIXTIME",
		"DATE", "TIME", "TIMESTAMP", "DATE_ADD", "DATE_SUB", "ADDDATE", "SUBDATE", "ADDTIME", "SUBTIME", "TIMESTAMPADD", "TIMESTAMPDIFF", "DATEDIFF", "TIMEDIFF", "LAST_DAY", "MAKEDATE", "MAKETIME", "STR_TO_DATE", "DATE_FORMAT",
		"TIME_FORMAT", "CONVERT_TZ", "SEC_TO_TIME", "TIME_TO_SEC", "FROM_DAYS", "TO_DAYS", "EXTRACT", "YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND", "DAYOFWEEK", "DAYOFMONTH", "DAYOFYEAR",
		"WEEKDAY", "WEEKOFYEAR", "YEARWEEK", "CONCAT", "LPAD", "CAST", "CONVERT", "COALESCE", "IFNULL", "NULLIF", "IF", "GREATEST", "LEAST", "MOD", "ABS", "FLOOR", "CEIL", "CEILING", "ROUND", "TRUNCATE", "RAND",
	}
	// beforeMoments may stand before a parenthesis and call nothing.
	beforeMoments = []string{
		"AT", "EVERY", "STARTS", "ENDS", "INTERVAL", "AND", "OR", "XOR", "NOT", "DIV", "IN", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "FROM", "CHAR", "DECIMAL", "DATETIME",
	}
	// withinMoments may not: a loadable function may be called so.
	withinMoments = []string{
		"YEAR_MONTH", "DAY_HOUR", "DAY_MINUTE", "DAY_SECOND", "HOUR_MINUTE", "HOUR_SECOND", "MINUTE_SECOND", "DAY_MICROSECOND", "HOUR_MICROSECOND", "MINUTE_MICROSECOND", "SECOND_MICROSECOND",
		"TRUE", "FALSE", "NULL", "IS", "AS", "USING", "SIGNED", "UNSIGNED", "INTEGER", "END",
	}
)
