"""The failure class of an exception that says none itself: by its type, or by words that torch and onnxruntime use alone."""

# What torch and onnxruntime say in words alone.
_WORDS = {
    "DefaultCPUAllocator: can't allocate memory": "OutOfMemory",  # torch, c10/core/impl/alloc_cpu.cpp
    "CUDA error: out of memory": "OutOfMemory",
    "Failed to allocate memory for requested buffer of size": "OutOfMemory",  # onnxruntime, bfc_arena.cc
    "std::bad_alloc": "OutOfMemory",
    "uncorrectable ECC error": "DeviceFailed",  # cudaGetErrorString of 214
    "uncorrectable NVLink error": "DeviceFailed",  # of 220
}


def class_of(kind, message):
    # torch.cuda.OutOfMemoryError, recognised without importing torch
    if issubclass(kind, MemoryError) or kind.__name__ == "OutOfMemoryError":
        return "OutOfMemory"
    return next((name for words, name in _WORDS.items() if words in message), "Failed")
