BADGES = {"gold": "1", "silver": "2"}
