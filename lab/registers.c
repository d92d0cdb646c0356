/* Lets linux.uml run on processors with more registers than it knows; loaded by LD_PRELOAD.

   A kernel accepts the registers of a traced process only as one block of the size of its processor's registers, and
   linux.uml 6.1 has room for 2,696 bytes. With AMX the size is 11,008, and the first process of the guest would never
   start ("ptrace set fp regs failed, errno = 14"). Only the AMX registers are missing, which no program in the guest can
   request from its kernel: they are filled with zeros, the content of unused registers.

   Needs no headers, only a compiler: lab/setup builds it with SIZE set to the size of this processor's registers. */

enum { SET_REGISTERS = 0x4205, ALL_REGISTERS = 0x202, MOST = 1 << 16 };

struct piece { /* struct iovec */
    void *base;
    unsigned long length;
};

typedef long tracing(int, int, void *, void *);

extern void *dlsym(void *, const char *);
extern void *memcpy(void *, const void *, unsigned long);

long ptrace(int request, int process, void *address, void *data)
{
    static tracing *next;
    static char registers[MOST];

    if (!next)
        next = (tracing *)dlsym((void *)-1L /* RTLD_NEXT */, "ptrace");
    if (request == SET_REGISTERS && (long)address == ALL_REGISTERS) {
        struct piece *given = data, whole = { registers, SIZE };
        if (given->length < SIZE) {
            memcpy(registers, given->base, given->length);
            return next(request, process, address, &whole);
        }
    }
    return next(request, process, address, data);
}
