def roundup(value):
    return -(-value // 10) * 10
