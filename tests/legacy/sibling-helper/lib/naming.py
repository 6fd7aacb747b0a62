def normalise(name):
    return name.strip().lower().replace(" ", "_")
