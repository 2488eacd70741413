"""Files become trusted, typed, counted rows: table → recognise → values → orders, staffing, cash."""
