def short(name):
    return str(name).rpartition(".")[2]
