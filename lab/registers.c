/* Lets linux.uml run on processors with more registers than it knows of; loaded into it by LD_PRELOAD.

   A kernel takes the registers of a traced process only as one piece of the size its processor has, and linux.uml 6.1
   has room for 2,696 bytes of them. Where the processor has AMX they are 11,008, and the first process of the guest
   would never start ("ptrace set fp regs failed, errno = 14"). What linux.uml leaves out is AMX alone, which no
   program of the guest can ask its kernel for: it is filled up with zeros, which is what unused registers hold.

   Needs no header, so that a compiler alone builds it: lab/setup does, with SIZE as that of this processor. */

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
