using Microsoft.AspNetCore.Builder;
using Mono.Cecil;

namespace AuthServer.Tests.Architecture;

/// <summary>
/// Reads the types of an assembly and what each of them uses. Reflection does not see method bodies. ArchUnitNET 0.13 does not
/// see the types of catch clauses, the arguments of generic attributes and the parameter types of called methods.
/// </summary>
internal sealed class TypeReader
{
    private readonly HashSet<TypeName> uses = [];

    private TypeReader()
    {
    }

    /// <summary>Reads all types of an assembly, each with the types that are nested in it.</summary>
    public static IReadOnlyList<CompiledType> Read(System.Reflection.Assembly assembly)
    {
        // An attribute's argument can be an enum, whose size stands in the assembly that declares it.
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(WebApplication).Assembly.Location));
        using var read = AssemblyDefinition.ReadAssembly(assembly.Location, new ReaderParameters { AssemblyResolver = resolver });
        return [.. read.MainModule.Types.Select(Read)];
    }

    private static CompiledType Read(TypeDefinition type)
    {
        var reader = new TypeReader();
        reader.AddDeclaration(type);
        var name = NameOf(type);
        reader.uses.Remove(name);
        return new CompiledType(name, type.CustomAttributes.Any(MarksGenerated), reader.uses);
    }

    private static bool MarksGenerated(CustomAttribute attribute) =>
        attribute.AttributeType.Name is "CompilerGeneratedAttribute" or "GeneratedCodeAttribute";

    private static TypeName NameOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        var assembly = type.Scope is AssemblyNameReference other ? other.Name : type.Module.Assembly.Name.Name;
        return new TypeName(assembly, type.Namespace, type.Name.Split('`')[0]);
    }

    private void AddDeclaration(TypeDefinition type)
    {
        // The base class needs no line: every constructor calls one of its own.
        Add(type.Interfaces.Select(implemented => implemented.InterfaceType));
        AddTypeParameters(type);
        AddAttributes(type);
        foreach (var field in type.Fields)
        {
            Add(field.FieldType);
            AddAttributes(field);
        }

        // The types of properties and events are those of their methods.
        foreach (var member in type.Properties.AsEnumerable<ICustomAttributeProvider>().Concat(type.Events))
        {
            AddAttributes(member);
        }

        foreach (var method in type.Methods)
        {
            AddMethod(method);
        }

        foreach (var nested in type.NestedTypes)
        {
            AddDeclaration(nested);
        }
    }

    private void AddMethod(MethodDefinition method)
    {
        AddSignature(method);
        AddTypeParameters(method);
        AddAttributes(method);
        AddAttributes(method.MethodReturnType);
        foreach (var parameter in method.Parameters)
        {
            AddAttributes(parameter);
        }

        if (!method.HasBody)
        {
            return;
        }

        Add(method.Body.Variables.Select(variable => variable.VariableType));
        Add(method.Body.ExceptionHandlers.Select(handler => handler.CatchType));
        foreach (var instruction in method.Body.Instructions)
        {
            AddOperand(instruction.Operand);
        }
    }

    private void AddOperand(object operand)
    {
        switch (operand)
        {
            case TypeReference type:
                Add(type);
                break;
            case FieldReference field:
                Add(field.DeclaringType);
                break;
            case GenericInstanceMethod called:
                AddCall(called);
                Add(called.GenericArguments);
                break;
            case MethodReference called:
                AddCall(called);
                break;
        }
    }

    private void AddCall(MethodReference called)
    {
        Add(called.DeclaringType);
        AddSignature(called);
    }

    private void AddSignature(MethodReference method)
    {
        Add(method.ReturnType);
        Add(method.Parameters.Select(parameter => parameter.ParameterType));
    }

    private void AddTypeParameters(IGenericParameterProvider generic)
    {
        foreach (var parameter in generic.GenericParameters)
        {
            AddAttributes(parameter);
            Add(parameter.Constraints.Select(constraint => constraint.ConstraintType));
        }
    }

    private void AddAttributes(ICustomAttributeProvider member)
    {
        foreach (var attribute in member.CustomAttributes)
        {
            Add(attribute.AttributeType);
            var named = attribute.Properties.Select(property => property.Argument);
            foreach (var argument in attribute.ConstructorArguments.Concat(named))
            {
                AddArgument(argument);
            }
        }
    }

    private void AddArgument(CustomAttributeArgument argument)
    {
        Add(argument.Type);
        switch (argument.Value)
        {
            case TypeReference type:
                Add(type);
                break;
            case CustomAttributeArgument boxed:
                AddArgument(boxed);
                break;
            case CustomAttributeArgument[] many:
                Array.ForEach(many, AddArgument);
                break;
        }
    }

    private void Add(IEnumerable<TypeReference> types)
    {
        foreach (var type in types)
        {
            Add(type);
        }
    }

    // Arrays, references and generic types are their elements and their arguments; a type parameter is no type.
    private void Add(TypeReference? type)
    {
        switch (type)
        {
            case null or GenericParameter:
                break;
            case GenericInstanceType generic:
                Add(generic.ElementType);
                Add(generic.GenericArguments);
                break;
            case TypeSpecification element:
                Add(element.ElementType);
                break;
            default:
                uses.Add(NameOf(type));
                break;
        }
    }
}
